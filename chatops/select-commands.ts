import {
  collectPossibleKeys,
  hasCandidate,
  mayContainCommand,
  parseCommands,
  parseComment,
} from './command/index.ts';
import type { IncomingComment } from './incoming-comment.ts';
import { mayRunSomething, mayDoSomething } from './authorization.ts';
import type { CommandPorts, SelectedCommand, CommandContext } from './command-context.ts';
import { loadCommandContext } from './visiting.ts';

/** Commands of a comment that are ours to answer, and the visit in which to do so. */
export type CommandSelection = {
  items: readonly [SelectedCommand, ...SelectedCommand[]];
  visit: CommandContext;
};

/**
 * The commands of a comment that are ours to answer; undefined if there are none.
 * @param open which of them have no answer yet; all, if not given
 */
export const selectCommands = async (
  comment: IncomingComment,
  ports: CommandPorts,
  open: (items: SelectedCommand[], visit: CommandContext) => Promise<SelectedCommand[]> = async (items) =>
    items,
): Promise<CommandSelection | undefined> => {
  if (!mayContainCommand(comment.comment.body)) return undefined;
  const visit = await loadCommandContext(comment, ports);
  if (belongsToOtherEntry(visit)) return undefined;
  const [first, ...more] = await open(await findCommands(visit), visit);
  if (!first || !(await admitAuthor(visit)) || !(await claimComment(visit))) return undefined;
  return { items: [first, ...more], visit };
};

/** Returns whether to answer the author. Readers get no answer once they have used up their share. */
const admitAuthor = async (visit: CommandContext): Promise<boolean> => {
  const { admission } = visit.ports;
  return !admission || admission.admits(await visit.isReader());
};

/** Where a repository has both entries, its policy may say which one answers: it is the other one. */
const belongsToOtherEntry = ({ policy, ports }: CommandContext): boolean =>
  policy.entry !== null && policy.entry !== ports.entry.name;

/** Where the policy does not say it, whoever is the first to find a command in a comment answers that. */
const claimComment = async ({ policy, comment, ports }: CommandContext): Promise<boolean> =>
  policy.entry !== null || ports.entry.claims(comment);

/** The commands of a comment that are for us, and that this event brings; none if nobody is to be answered. */
const findCommands = async (visit: CommandContext): Promise<SelectedCommand[]> => {
  const { author } = visit.comment;
  const before = getEarlierKeys(visit);
  if (!mayContainNewCommand(visit, before)) return [];
  // Commands of other programs are ignored. A word that only resembles a command counts only if its author can use commands.
  if (author.kind === 'bot' && !(await mayDoSomething(visit))) return [];
  const brought = await parseNewCommands(visit, before);
  if (!brought.some(isDoubtful) || (await mayRunSomething(visit))) return brought;
  return brought.filter((turned) => !isDoubtful(turned));
};

/** Returns whether the event contains anything that may be a command to either reader. */
const mayContainNewCommand = ({ comment, grammar }: CommandContext, before: ReadonlySet<string>): boolean => {
  if (before.size === 0) return hasCandidate(comment.comment.body, grammar);
  return [...collectPossibleKeys(comment.comment.body, grammar)].some((key) => !before.has(key));
};

/** Of an edited comment those that it did not hold before. */
const parseNewCommands = async (
  visit: CommandContext,
  before: ReadonlySet<string>,
): Promise<SelectedCommand[]> => {
  const { body } = visit.comment.comment;
  const { grammar, ports } = visit;
  // People without permissions cannot trigger the second reader.
  const all = (await visit.isReader())
    ? parseCommands(body, grammar)
    : await parseComment(body, grammar, ports.secondReader);
  return all
    .map((item, index): SelectedCommand => ({ item, index }))
    .filter(({ item }) => !before.has(item.key));
};

const getEarlierKeys = ({ comment: { event }, grammar }: CommandContext): ReadonlySet<string> =>
  event.kind === 'edited' && event.before !== null ? collectPossibleKeys(event.before, grammar) : new Set();

const isDoubtful = ({ item }: SelectedCommand): boolean => item.kind === 'invalid' && item.doubtful;
