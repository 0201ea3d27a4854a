import type { Problem, StartAnswer } from '../../compute/client/index.ts';
import type { Mistake } from '../command/index.ts';
import type { Cancellation } from '../job/index.ts';
import type { Decision } from '../policy/index.ts';
import { inline, phrase } from '../markdown/foreign.ts';
import { lookOf } from './state.ts';

/*
 * What a reply says once. `command` is the command as it is shown, text of others like all that a person wrote.
 */

const refused = (command: string, what: string): string => `😕 **${inline(command, 300)}** ${what}`;

const maxMistakes = 20;

/** A command with mistakes: each with its place, what was expected and what came. */
export const mistakes = (command: string, found: readonly Mistake[]): string => {
  const more = found.length - maxMistakes;
  return [
    refused(command, 'was not carried out.'),
    '',
    ...found.slice(0, maxMistakes).map((mistake) => `- ${mistakeText(mistake)}`),
    ...(more > 0 ? [`- and ${more} more.`] : []),
  ].join('\n');
};

const mistakeText = ({ position, message, expected, received, suggestion }: Mistake): string => {
  const parts = [
    `Line ${position.line}, column ${position.column}: ${phrase(message)}.`,
    expected === null
      ? undefined
      : `Expected ${phrase(expected)}${received === null ? '' : `, received ${inline(received)}`}.`,
    suggestion === null ? undefined : `Did you mean ${inline(suggestion)}?`,
  ];
  return parts.filter((part) => part !== undefined).join(' ');
};

/** A person's level on the repository does not suffice. */
export const notAllowed = (command: string, login: string, { needed, held }: Decision): string =>
  refused(
    command,
    `needs **${needed}** access to this repository; ${inline(login, 60)} has **${held}**. Nothing was done.`,
  );

/** The task is in the catalogue, but its definition is not right. */
export const unreadable = (command: string, fault: string): string =>
  `${refused(command, 'was not started. Who keeps the catalogue has to mend this task first:')}\n\n- ${phrase(fault)}.`;

/** The orchestrator did not start a job. */
export const notStarted = (
  command: string,
  { outcome, problem }: Extract<StartAnswer, { problem: Problem }>,
): string =>
  outcome === 'conflict'
    ? refused(command, 'was not started: its job is known already, with another request.')
    : `${refused(command, 'was not started.')}\n\n- ${problemText(problem)}`;

const problemText = ({ field, message, expected, received }: Problem): string => {
  if (field === null || expected === null) return `${phrase(message)}.`;
  return `${inline(field)}: expected ${phrase(expected)}${received === null ? '' : `, received ${inline(received)}`}.`;
};

/** A comment with more commands than one reply can show. */
export const tooMany = (count: number, most: number): string =>
  `😕 This comment holds ${count} commands; at most ${most} are taken at once. Nothing was started.`;

/** What became of a `/cancel`. */
export const canceled = (done: Cancellation): string => {
  if (done.outcome === 'nothing-runs')
    return refused('/cancel', 'found nothing to stop: no job of this thread was running.');
  if (done.outcome === 'not-found')
    return refused('/cancel', `found no job ${inline(done.id, 60)} in this repository.`);
  const { id, origin, state } = done.job;
  const job = origin.command === undefined ? inline(id) : `${inline(origin.command, 300)} (${inline(id)})`;
  if (done.outcome === 'stopping')
    return `🛑 **\`/cancel\`** stops ${job}. Its own reply shows how far it came.`;
  const { emoji, words } = lookOf(state);
  return refused('/cancel', `came too late: ${job} ${words}. ${emoji}`);
};
