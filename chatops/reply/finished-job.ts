import * as v from 'valibot';
import type { Job, JobReason } from '../../compute/client/index.ts';
import { formatTable } from '../markdown/table.ts';
import { toCodeBlock, toCodeSpan } from '../markdown/untrusted-text.ts';
import { formatExact } from './exact-text.ts';
import { formatJobCommand } from './job-link.ts';
import { renderLogTail } from './log-excerpt.ts';
import { formatCounts } from './progress.ts';
import { getStateLabel } from './state-labels.ts';
import { renderTaskFiles, type FilesView } from './task-files.ts';

type Paragraph = string | undefined;

/** Renders the paragraphs about a finished job, in about `maxLength` characters. */
export const renderFinishedJob = (job: Job, view: FilesView): Paragraph[] => {
  const { maxLength } = view;
  const task = job.kind === 'task' ? readTaskResult(job.result) : undefined;
  const exit = task && formatExit(task);
  const files = renderTaskFiles(job, { ...view, maxLength: Math.floor(maxLength / 2) });
  const log = task && renderTaskLog(job, task, limitLength(8_192, maxLength));
  return [
    joinSentences([
      job.progress && `${formatCounts(job)}.`,
      exit !== undefined && job.reason === 'script-failed'
        ? null
        : job.reason && formatReason(job, job.reason),
      exit,
    ]),
    formatMessage(job, exit !== undefined, maxLength),
    renderFailures(job),
    // A failed task's log explains its files, or why there are none.
    ...(job.state === 'failed' ? [log, ...files] : [...files, log]),
    task ? undefined : renderComputeResult(job, maxLength),
  ];
};

/** Formats the job's message, unless the script's exit or the list of failed blocks already says it. */
const formatMessage = ({ reason, message }: Job, hasExit: boolean, maxLength: number): Paragraph => {
  const isRedundant = hasExit || reason === 'blocks-failed' || reason === 'all-blocks-failed';
  if (message === null || isRedundant) return undefined;
  if (reason === 'rejected') return `Reason: ${formatExact(message, 500)}`;
  const lineBreak = message.indexOf('\n');
  if (lineBreak < 0) return toCodeSpan(message, 500);
  // The lines after the first one are the end of the runner's own output.
  const output = toCodeBlock(message.slice(lineBreak + 1), limitLength(4_096, maxLength));
  return `${toCodeSpan(message.slice(0, lineBreak), 500)}\n\nThe runner's own output ends with:\n\n${output}`;
};

/** Limits the length of an untrusted text: the code fence can be as long again on either side. */
const limitLength = (limit: number, maxLength: number): number => Math.min(limit, Math.floor(maxLength / 3));

const joinSentences = (parts: (string | null | undefined)[]): Paragraph =>
  parts.filter((part) => typeof part === 'string').join(' ') || undefined;

const renderComputeResult = ({ kind, state, result }: Job, maxLength: number): Paragraph => {
  if (kind === 'task') return undefined;
  if (result !== null && result !== undefined) return renderResult(result, limitLength(4_096, maxLength));
  return getStateLabel({ state }).end === 'well'
    ? 'The result is too large to show here. See the outputs.'
    : undefined;
};

const sentences = {
  'blocks-failed': 'The result combines the completed blocks.',
  'all-blocks-failed': 'Every block failed, so there is no result.',
  'reduce-failed': 'The blocks were computed, but their outputs could not be combined.',
  'script-failed': 'The script ran and reported a failure.',
  'script-missing': 'The catalogue has no such script. Nothing was run.',
  'definition-invalid': 'The task definition is not valid. Nothing was run.',
  'runner-lost':
    'The runner was lost before it reported how the script ended. The script is not restarted automatically.',
  'launch-failed': 'The runner could not be started. The script was not run.',
  'canceled-by-user': 'The script was stopped.',
  rejected: 'Nothing was run.',
  'approval-expired': 'Nobody approved it in time. Nothing was run.',
  'lock-taken': 'Its lock was taken, and it was set to end instead of waiting. Nothing was run.',
  deadline: 'It exceeded its timeout and was stopped.',
  terminated: 'It was terminated directly at the orchestrator.',
  internal: "The platform had an internal error. Its operator can find the details under the job's id.",
} as const satisfies Record<JobReason, string>;

/** Describes why a job did not complete, and how to continue a computation. */
const formatReason = (job: Job, reason: JobReason): string => {
  if (reason === 'canceled-by-user' && job.startedAt === null) return 'Nothing was run.';
  if (reason === 'blocks-failed' || reason === 'all-blocks-failed')
    return `${sentences[reason]} ${formatJobCommand(job, 'retry')} runs the failed blocks again.`;
  if (job.kind === 'task' || (reason !== 'canceled-by-user' && reason !== 'deadline'))
    return sentences[reason];
  const why = reason === 'deadline' ? `${sentences.deadline} ` : '';
  return job.progress && job.progress.done > 0
    ? `${why}Completed blocks are kept: ${formatJobCommand(job, 'retry')} continues from there.`
    : `${why}No block was completed. ${formatJobCommand(job, 'retry')} starts over.`;
};

type Scalar = string | number | boolean | null;

const isScalar = (value: unknown): value is Scalar =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value);

const maxRows = 40;

/** Returns the fields of an object that fits in a table: only scalars, and not too many. */
const getScalarFields = (value: unknown): [string, Scalar][] | undefined => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const fields = Object.entries(value).filter((field): field is [string, Scalar] => isScalar(field[1]));
  const fits = fields.length > 0 && fields.length <= maxRows && fields.length === Object.keys(value).length;
  return fits ? fields : undefined;
};

/** Renders a compute job's result in about `maxLength` characters: an object of scalars as a table, anything else as JSON. */
const renderResult = (result: unknown, maxLength: number): string => {
  if (isScalar(result)) return `Result: ${toCodeSpan(String(result), Math.min(maxLength, 1_000))}`;
  const fields = getScalarFields(result);
  if (!fields) return toCodeBlock(JSON.stringify(result, null, 2) ?? '', maxLength, 'json');
  const rows = fields.map(([name, value]) => [toCodeSpan(name, 100), toCodeSpan(String(value))]);
  return formatTable(['Result', 'Value'], rows);
};

/** Renders a table of at most ten failed blocks, a row for those with the same error, and the number of further ones. */
const renderFailures = ({ failures, progress }: Job): string | undefined => {
  if (failures.length === 0) return undefined;
  const shown = failures.slice(0, 10);
  const more = Math.max(failures.length, progress?.failed ?? 0) - shown.length;
  const groups = Object.values(Object.groupBy(shown, ({ code, message }) => JSON.stringify([code, message])));
  const rows = groups.map((group = []) => [
    formatBlocks(group.map(({ block }) => block)),
    toCodeSpan(group[0]?.code ?? '', 60),
    toCodeSpan(group[0]?.message ?? '', 300),
  ]);
  const table = formatTable(['Failed block', 'Code', 'Message'], rows);
  return more > 0 ? `${table}\n\nand ${more} more.` : table;
};

/** Formats one block by its number, and several as their count and numbers: `4 blocks: 0–2, 7`. */
const formatBlocks = (blocks: readonly number[]): string => {
  const ranges: [first: number, last: number][] = [];
  for (const block of blocks.toSorted((a, b) => a - b)) {
    const range = ranges.at(-1);
    if (range && range[1] === block - 1) range[1] = block;
    else ranges.push([block, block]);
  }
  const numbers = ranges
    .map(([first, last]) => (first === last ? String(first) : `${first}–${last}`))
    .join(', ');
  return blocks.length === 1 ? numbers : `${blocks.length} blocks: ${numbers}`;
};

/** The fields of a task's result that are shown. */
const TaskResult = v.object({
  exitCode: v.nullable(v.number()),
  signal: v.nullable(v.string()),
  logTail: v.nullable(v.string()),
});
type TaskResult = v.InferOutput<typeof TaskResult>;

/** Parses a task's result; undefined while the script's result is unknown. */
export const readTaskResult = (result: unknown): TaskResult | undefined => {
  const shown = v.safeParse(TaskResult, result);
  return shown.success ? shown.output : undefined;
};

/** What a shell's exit code usually means, and what to do about it. Source: POSIX.1-2017, Shell Command Language, 2.8.2. */
const exitCodeHints: Readonly<Record<number, string>> = {
  126: 'which usually means that it calls a program that is not executable. Make the program’s file executable, and check the interpreter in its first line.',
  127: 'which usually means that it calls a program that is missing. Install the program where the task runs, or correct its name in the script.',
};

/** Describes how the script ended, with a remedy if its exit code suggests one. */
const formatExit = ({ exitCode, signal }: TaskResult): string | undefined => {
  if (signal !== null) return `The script was ended by ${toCodeSpan(signal, 40)}.`;
  if (exitCode === null) return undefined;
  const hint = exitCodeHints[exitCode];
  return `The script ended with exit code ${toCodeSpan(String(exitCode))}${hint === undefined ? '.' : `, ${hint}`}`;
};

/** Renders the end of a task's log, unless it only repeats the job's message. */
const renderTaskLog = (
  { state, message }: Job,
  { logTail }: TaskResult,
  maxLength: number,
): string | undefined => {
  if (logTail === null || logTail.trim() === message?.trim()) return undefined;
  return renderLogTail(state, logTail, maxLength);
};
