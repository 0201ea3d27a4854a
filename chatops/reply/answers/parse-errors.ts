import type { CallerName, Job, Problem, StartAnswer } from '../../../compute/client/index.ts';
import type { Mistake } from '../../command/index.ts';
import { inline, phrase } from '../../markdown/untrusted-text.ts';
import { callerText } from '../caller.ts';
import { exact } from '../exact-text.ts';
import { requestText } from '../headline.ts';
import { refused } from './refusal.ts';

const most = 20;

/** At most so many points of a list, and how many more there are. */
export const points = (texts: readonly string[]): string[] => [
  ...texts.slice(0, most).map((text) => `- ${text}`),
  ...(texts.length > most ? [`- and ${texts.length - most} more.`] : []),
];

/** `Expected this, received that.` */
export const expectation = (expected: string | null, received: string | null): string | undefined =>
  expected === null
    ? undefined
    : `Expected ${phrase(expected)}${received === null ? '' : `, received ${exact(received)}`}.`;

/** A mistake as it is told: without a place if it has none in a text. */
type Told = Omit<Mistake, 'code' | 'position'> & { position: Mistake['position'] | null };

/** A command with mistakes: each with its place, what was expected and what came. */
export const mistakes = (command: string, found: readonly Told[]): string =>
  [refused(command, 'was not carried out.'), '', ...points(found.map(mistakeText))].join('\n');

const mistakeText = ({ position, message, expected, received, suggestion }: Told): string => {
  const parts = [
    `${position ? `Line ${position.line}, column ${position.column}: ` : ''}${phrase(message)}.`,
    expectation(expected, received),
    suggestion === null ? undefined : `Did you mean ${exact(suggestion)}?`,
  ];
  return parts.filter((part) => part !== undefined).join(' ');
};

/** The task is in the catalogue, but its definition is not right. */
export const unreadable = (command: string, fault: string): string =>
  `${refused(command, 'was not started. Who keeps the catalogue has to mend this task first:')}\n\n- ${phrase(fault)}.`;

/** The orchestrator did not start a job. */
export const notStarted = (
  command: string,
  { problem }: Extract<StartAnswer, { problem: Problem }>,
): string => `${refused(command, 'was not started.')}\n\n- ${problemText(problem)}`;

/**
 * Another job has the id of this command's.
 * @param job that job, if it can be seen
 * @param isRun the command comes from a workflow
 */
export const idTaken = (command: string, job: Job | undefined, isRun: boolean): string => {
  const what = job ? ` (${exact(requestText(job), 300)})` : '';
  const by = job?.startedBy ? `, which was started by ${callerText(job.startedBy)}` : '';
  const remedy = isRun
    ? 'To run the command, start the workflow again, or give it another `idempotency-key`.'
    : 'To run the command, write it in a new comment.';
  return refused(command, `was not started: another job${what} has its id${by}. ${remedy}`);
};

/** The very job of a command is there, started by somebody whose jobs nobody here follows. `status`: the command that shows it. */
export const startedElsewhere = (
  command: string,
  { id, by, status }: { id: string; by: CallerName; status: string },
): string =>
  refused(
    command,
    `was not started again: ${callerText(by)} already started exactly this as ${inline(id)}, but its progress is not shown here. To see its state, write ${inline(status)}. To run the command again, write it in a new comment.`,
  );

/** What is wrong with a request, by the name of the field that it is about. */
export const problemText = ({ code, field, message, expected, received }: Problem): string => {
  if (field === null || expected === null || code === 'undeclared-parameter') return `${phrase(message)}.`;
  return `${inline(field)}: expected ${phrase(expected)}${received === null ? '' : `, received ${exact(received)}`}.`;
};

/** A comment with more commands than one reply can show. */
export const tooMany = (count: number, most: number): string =>
  `😕 This comment holds ${count} commands; at most ${most} are taken at once. Nothing was started.`;
