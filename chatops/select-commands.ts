import {
  earlierKeys,
  holdsCandidate,
  mayHoldCommand,
  readCommands,
  readCommentCommands,
} from './command/index.ts';
import type { IncomingComment } from './github/ports.ts';
import { mayRunSomething, maySomething } from './authorization.ts';
import type { ConversationPorts, Turned, Visit } from './command-context.ts';
import { visitOf } from './visiting.ts';

/** Commands of a comment that are ours to answer, and the visit in which to do so. */
export type Heard = { items: readonly [Turned, ...Turned[]]; visit: Visit };

/**
 * The commands of a comment that are ours to answer; undefined if there are none.
 * @param open which of them have no answer yet; all, if not given
 */
export const listen = async (
  comment: IncomingComment,
  ports: ConversationPorts,
  open: (items: Turned[], visit: Visit) => Promise<Turned[]> = async (items) => items,
): Promise<Heard | undefined> => {
  if (!mayHoldCommand(comment.comment.body)) return undefined;
  const visit = await visitOf(comment, ports);
  if (isOthers(visit)) return undefined;
  const [first, ...more] = await open(await commandsFor(visit), visit);
  if (!first || !(await isAdmitted(visit)) || !(await isOurs(visit))) return undefined;
  return { items: [first, ...more], visit };
};

/** Returns whether to answer the author. Readers get no answer once they have used up their share. */
const isAdmitted = async (visit: Visit): Promise<boolean> => {
  const { admission } = visit.ports;
  return !admission || admission.admits(await visit.isReader());
};

/** Where a repository has both entries, its policy may say which one answers: it is the other one. */
const isOthers = ({ policy, ports }: Visit): boolean =>
  policy.entry !== null && policy.entry !== ports.entry.name;

/** Where the policy does not say it, whoever is the first to find a command in a comment answers that. */
const isOurs = async ({ policy, comment, ports }: Visit): Promise<boolean> =>
  policy.entry !== null || ports.entry.claims(comment);

/** The commands of a comment that are for us, and that this event brings; none if nobody is to be answered. */
const commandsFor = async (visit: Visit): Promise<Turned[]> => {
  const { author } = visit.comment;
  const before = keysBefore(visit);
  if (!mayBringAny(visit, before)) return [];
  // Commands of other programs are ignored. A word that only resembles a command counts only if its author can use commands.
  if (author.kind === 'bot' && !(await maySomething(visit))) return [];
  const brought = await broughtBy(visit, before);
  if (!brought.some(isDoubtful) || (await mayRunSomething(visit))) return brought;
  return brought.filter((turned) => !isDoubtful(turned));
};

/** Returns whether the event contains anything that may be a command to either reader. */
const mayBringAny = ({ comment, grammar }: Visit, before: ReadonlySet<string>): boolean => {
  if (before.size === 0) return holdsCandidate(comment.comment.body, grammar);
  return [...earlierKeys(comment.comment.body, grammar)].some((key) => !before.has(key));
};

/** Of an edited comment those that it did not hold before. */
const broughtBy = async (visit: Visit, before: ReadonlySet<string>): Promise<Turned[]> => {
  const { body } = visit.comment.comment;
  const { grammar, ports } = visit;
  // People without permissions cannot trigger the second reader.
  const all = (await visit.isReader())
    ? readCommands(body, grammar)
    : await readCommentCommands(body, grammar, ports.secondReader);
  return all.map((item, index): Turned => ({ item, index })).filter(({ item }) => !before.has(item.key));
};

const keysBefore = ({ comment: { event }, grammar }: Visit): ReadonlySet<string> =>
  event.kind === 'edited' && event.before !== null ? earlierKeys(event.before, grammar) : new Set();

const isDoubtful = ({ item }: Turned): boolean => item.kind === 'mistakes' && item.doubtful;
