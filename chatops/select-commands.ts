import { hash } from 'node:crypto';
import { mayDoSomething, mayRunSomething } from './authorization.ts';
import {
  loadCommandContext,
  type CommandContext,
  type CommandPorts,
  type SelectedCommand,
} from './command-context.ts';
import { refuse, type Refusal } from './command-outcome.ts';
import {
  collectPossibleKeys,
  hasCandidate,
  mayContainCommand,
  parseCommands,
  parseComment,
} from './command/index.ts';
import type { IncomingComment } from './incoming-comment.ts';
import { formatCommandToRepeat } from './job/index.ts';
import { isThreadAllowed } from './policy/index.ts';
import * as answers from './reply/answers/index.ts';
import { maxSections } from './reply/render-reply.ts';

/** The commands of a comment that this entry answers, and their context. */
export type CommandSelection = {
  commands: readonly [SelectedCommand, ...SelectedCommand[]];
  context: CommandContext;
};

/**
 * Returns the commands of a comment that this entry answers; undefined if there are none. Claims the comment unless the policy
 * assigns it to this entry.
 * @param filter returns the commands that still need an answer; all by default
 */
export const selectCommands = async (
  comment: IncomingComment,
  ports: CommandPorts,
  filter: (commands: SelectedCommand[], context: CommandContext) => Promise<SelectedCommand[]> = async (
    commands,
  ) => commands,
): Promise<CommandSelection | undefined> => {
  if (!mayContainCommand(comment.comment.body)) return undefined;
  const context = await loadCommandContext(comment, ports);
  if (belongsToOtherEntry(context)) return undefined;
  const [first, ...more] = await filter(await findCommands(context), context);
  if (!first || !(await admitAuthor(context)) || !(await claimComment(context))) return undefined;
  return { commands: [first, ...more], context };
};

/** Returns whether the policy assigns the repository's comments to the other entry. */
const belongsToOtherEntry = ({ policy, ports }: CommandContext): boolean =>
  policy.entry !== null && policy.entry !== ports.entry.name;

/** Returns whether to answer the author. Readers get no answer once they have used up their share. */
const admitAuthor = async (context: CommandContext): Promise<boolean> => {
  const { admission } = context.ports;
  return !admission || admission.admits(await context.isReader());
};

/** Returns whether this entry answers the comment. Unless the policy decides, the first entry to claim it does. */
const claimComment = async ({ policy, comment, ports }: CommandContext): Promise<boolean> =>
  policy.entry !== null || ports.entry.claims(comment);

/** Returns the commands that the event adds and that are meant for us; none if the author gets no answer. */
const findCommands = async (context: CommandContext): Promise<SelectedCommand[]> => {
  const { author } = context.comment;
  const earlierKeys = getEarlierKeys(context);
  if (!mayContainNewCommand(context, earlierKeys)) return [];
  // Commands of other programs are ignored. A word that only resembles a command counts only if its author can use commands.
  if (author.kind === 'bot' && !(await mayDoSomething(context))) return [];
  const commands = await parseNewCommands(context, earlierKeys);
  if (!commands.some(isDoubtful) || (await mayRunSomething(context))) return commands;
  return commands.filter((command) => !isDoubtful(command));
};

/** Returns whether the event contains anything that may be a command to either reader. */
const mayContainNewCommand = (
  { comment, grammar }: CommandContext,
  earlierKeys: ReadonlySet<string>,
): boolean => {
  const { body } = comment.comment;
  if (earlierKeys.size === 0) return hasCandidate(body, grammar);
  return [...collectPossibleKeys(body, grammar)].some((key) => !earlierKeys.has(key));
};

/** Returns the comment's commands; after an edit, only those that the comment did not contain before. */
const parseNewCommands = async (
  context: CommandContext,
  earlierKeys: ReadonlySet<string>,
): Promise<SelectedCommand[]> => {
  const { body } = context.comment.comment;
  const { grammar, ports } = context;
  // People without permissions cannot trigger the second reader.
  const items = (await context.isReader())
    ? parseCommands(body, grammar)
    : await parseComment(body, grammar, ports.secondReader);
  return items.map((item, index) => ({ item, index })).filter(({ item }) => !earlierKeys.has(item.key));
};

const getEarlierKeys = ({ comment: { event }, grammar }: CommandContext): ReadonlySet<string> =>
  event.kind === 'edited' && event.before !== null ? collectPossibleKeys(event.before, grammar) : new Set();

const isDoubtful = ({ item }: SelectedCommand): boolean => item.kind === 'invalid' && item.doubtful;

/** A refusal of a whole comment. Its reply section is stored under the command. */
type CommentRefusal = readonly [command: SelectedCommand, refusal: Refusal];

/** Returns why none of the comment's commands is executed; undefined if they are. */
export const findCommentRefusal = ({
  commands,
  context: { comment, policy },
}: CommandSelection): CommentRefusal | undefined => {
  const [{ item: first }] = commands;
  const refuseComment = (subject: string, refusal: Refusal): CommentRefusal => {
    const key = hash('sha256', subject).slice(0, 8);
    return [{ item: { ...first, key }, index: 0 }, refusal];
  };
  const { event, author, thread } = comment;
  if (event.kind === 'edited' && (event.editor.id !== author.id || event.before === null)) {
    const editor = event.editor.id === author.id ? null : event.editor.login;
    return refuseComment(
      'edited',
      refuse(answers.renderEditRefusal(author.login, editor), 'edited-by-other'),
    );
  }
  if (!isThreadAllowed(policy, thread.kind, comment.threadState.labels)) {
    const text = answers.renderThreadNotAllowed(formatCommandToRepeat(first), policy.threads, thread.kind);
    return refuseComment('thread', refuse(text, 'not-here', { explains: 'notHere' }));
  }
  if (commands.length > maxSections) {
    const text = answers.renderTooManyCommands(commands.length, maxSections);
    return refuseComment('too-many', refuse(text, 'too-many'));
  }
  return undefined;
};
