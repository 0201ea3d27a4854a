import type { CallerName, Job, Problem, StartAnswer } from '../../../compute/client/index.ts';
import type { ParseError } from '../../command/index.ts';
import { toCodeSpan, escapeUnlessPlain } from '../../markdown/untrusted-text.ts';
import { formatCaller } from '../caller.ts';
import { formatExact } from '../exact-text.ts';
import { formatRequest } from '../headline.ts';
import { renderRefusal } from './refusal.ts';

const maxPoints = 20;

/** At most so many points of a list, and how many more there are. */
export const toBulletList = (texts: readonly string[]): string[] => [
  ...texts.slice(0, maxPoints).map((text) => `- ${text}`),
  ...(texts.length > maxPoints ? [`- and ${texts.length - maxPoints} more.`] : []),
];

/** `Expected this, received that.` */
export const formatExpectation = (expected: string | null, received: string | null): string | undefined =>
  expected === null
    ? undefined
    : `Expected ${escapeUnlessPlain(expected)}${received === null ? '' : `, received ${formatExact(received)}`}.`;

/** A parse error as the reply shows it; `position`: null if the command is the only line of its text. */
type ShownParseError = Omit<ParseError, 'code' | 'position'> & { position: ParseError['position'] | null };

/** Renders the refusal of a command with errors: each with its position, what was expected, and what was written. */
export const renderParseErrors = (command: string, found: readonly ShownParseError[]): string =>
  [renderRefusal(command, 'was not carried out.'), '', ...toBulletList(found.map(formatParseError))].join(
    '\n',
  );

const formatParseError = ({ position, message, expected, received, suggestion }: ShownParseError): string => {
  const [, quotes, text = ''] = /^(\{received\} )?(.*)$/su.exec(message) ?? [];
  const subject = quotes === undefined || received === null ? '' : `${formatExact(received)} `;
  const parts = [
    `${position ? `Line ${position.line}, column ${position.column}: ` : ''}${subject}${escapeUnlessPlain(text)}.`,
    // If the message says what was written, a suggestion says enough.
    subject && suggestion !== null ? undefined : formatExpectation(expected, subject ? null : received),
    suggestion === null ? undefined : `Did you mean ${formatExact(suggestion)}?`,
  ];
  return parts.filter((part) => part !== undefined).join(' ');
};

/** The task is in the catalogue, but its definition is not right. */
export const renderInvalidTask = (command: string, problem: string): string =>
  `${renderRefusal(command, 'was not started. Who keeps the catalogue has to mend this task first:')}\n\n- ${escapeUnlessPlain(problem)}.`;

/** The orchestrator did not start a job. */
export const renderNotStarted = (
  command: string,
  { problem }: Extract<StartAnswer, { problem: Problem }>,
): string => `${renderRefusal(command, 'was not started.')}\n\n- ${formatProblem(problem)}`;

/**
 * Another job has the id of this command's.
 * @param job that job, if it can be seen
 * @param isRun the command comes from a workflow
 */
export const renderIdTaken = (command: string, job: Job | undefined, isRun: boolean): string => {
  const what = job ? ` (${formatExact(formatRequest(job), 300)})` : '';
  const by = job?.startedBy ? `, which was started by ${formatCaller(job.startedBy)}` : '';
  const remedy = isRun
    ? 'To run the command, start the workflow again, or give it another `idempotency-key`.'
    : 'To run the command, write it in a new comment.';
  return renderRefusal(command, `was not started: another job${what} has its id${by}. ${remedy}`);
};

/** The very job of a command is there, started by somebody whose jobs nobody here follows. `status`: the command that shows it. */
export const renderStartedElsewhere = (
  command: string,
  { id, by, status }: { id: string; by: CallerName; status: string },
): string =>
  renderRefusal(
    command,
    `was not started again: ${formatCaller(by)} already started exactly this as ${toCodeSpan(id)}, but its progress is not shown here. To see its state, write ${toCodeSpan(status)}. To run the command again, write it in a new comment.`,
  );

/** What is wrong with a request, by the name of the field that it is about. */
export const formatProblem = ({ code, field, message, expected, received }: Problem): string => {
  if (field === null || expected === null || code === 'undeclared-parameter')
    return `${escapeUnlessPlain(message)}.`;
  return `${toCodeSpan(field)}: expected ${escapeUnlessPlain(expected)}${received === null ? '' : `, received ${formatExact(received)}`}.`;
};

/** A comment with more commands than one reply can show. */
export const renderTooManyCommands = (count: number, max: number): string =>
  `😕 This comment holds ${count} commands; at most ${max} are taken at once. Nothing was started.`;
