import { toCodeSpan, escapeUnlessOwnMarkdown, escapeUnlessPlain } from '../../markdown/untrusted-text.ts';
import { countBlocks } from '../../job/compute-problems.ts';
import type { Estimate } from '../../job/estimate.ts';
import type { JobPlan, JobWork } from '../../job/plan.ts';
import type { ResolvedAlgorithm } from '../../job/resolve-algorithm.ts';
import type { PlannedLock } from '../../job/planned-lock.ts';
import { formatRunnerSize } from '../../command/index.ts';
import { formatExact } from '../exact-text.ts';
import {
  formatCommit,
  formatDigest,
  toParameterRow,
  toRow,
  renderRows,
  markAsDefault,
  type RequestRow,
} from '../request-table.ts';
import { formatDuration } from '../../../contracts/duration.ts';
import { defaultTimeoutSeconds } from '../../../contracts/job-request.ts';
import { formatEstimatedDuration } from '../time.ts';
import { toLockRow } from '../planned-lock.ts';
import { renderWarnings } from '../waiting-job.ts';

/** The current state around a plan. `who`, `approvers`: who can run it, and who can approve it (our own Markdown). */
type CurrentState = {
  /** The locks that it needs, with their current holders. */
  locks: readonly PlannedLock[];
  who: string;
  approvers: string | null;
  /** The algorithm of a computation. */
  algorithm: ResolvedAlgorithm | undefined;
  /** The maximum timeout of a job at this orchestrator; undefined if it is unknown. */
  maxSeconds: number | undefined;
  /** How long the job may take; undefined if no run of its kind is known. */
  estimate: Estimate | undefined;
};

/** Describes what a command would do if its author wrote it, or that it would be refused. */
export const renderExplanation = (plan: JobPlan, allowed: boolean, state: CurrentState): string => {
  const { parameters, warnings, timeoutSeconds, concurrent, policy } = plan;
  const verdict = allowed
    ? 'would start if you wrote it.'
    : `would be refused if you wrote it: it requires ${escapeUnlessOwnMarkdown(state.who)}.`;
  const rows: (RequestRow | undefined)[] = [
    ...toWorkRows(plan.work, state.algorithm),
    ...(state.algorithm?.parameters ?? parameters).map(({ name, value, source }): RequestRow => {
      const shown = toParameterRow(name, value);
      return source === 'default' ? markAsDefault(shown) : shown;
    }),
    toTimeoutRow(timeoutSeconds, state.maxSeconds),
    toRow('estimated time', state.estimate, formatEstimate),
    toRow('concurrent jobs', concurrent, (most) => `at most ${most} in this repository`),
    ...state.locks.map((lock) => toLockRow(lock, 'now')),
    toRow('approval', plan.approval, (approval) => formatApproval(approval, state.approvers)),
    ['who can run it', escapeUnlessOwnMarkdown(state.who)],
    toRow('policy', policy, formatCommit),
  ];
  return [
    `🔎 **${formatExact(plan.command, 300)}** ${verdict} Nothing was run.`,
    ...renderWarnings(warnings),
    renderRows(rows),
  ].join('\n\n');
};

const toTimeoutRow = (seconds: number | null, maxSeconds = Infinity): RequestRow =>
  seconds === null
    ? markAsDefault(['timeout', formatDuration(Math.min(defaultTimeoutSeconds, maxSeconds))])
    : ['timeout', formatDuration(seconds)];

const formatEstimate = ({ seconds, from }: Estimate): string => {
  const inputs = from.inputs === null ? '' : ` of ${formatCount(from.inputs, 'input')}`;
  const other = from.hasOtherParameters ? ', with other parameters,' : '';
  return `${formatEstimatedDuration(seconds)}, as the last run${inputs}${other} took ${formatDuration(from.seconds)}`;
};

const formatCount = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const toWorkRows = (work: JobWork, algorithm: ResolvedAlgorithm | undefined): (RequestRow | undefined)[] =>
  work.kind === 'task'
    ? [
        ['task', formatExact(work.taskName)],
        ['image', formatExact(work.image, Infinity)],
        ['script', [formatExact(work.script), ...formatDigests(work.digests?.script)].join(', ')],
        toRow('definition', work.digests?.definition, formatDigest),
        toRow('identity', work.runner?.identity, (name) => formatExact(name, Infinity)),
        toRow('runner', formatRunnerSize(work.runner ?? {}), (size) => size),
      ]
    : [
        toRow('algorithm', algorithm, formatAlgorithm),
        ['inputs', String(work.inputCount)],
        toRow(
          'inputs from',
          work.inputs,
          ({ path, commit }) => `${formatExact(path, Infinity)} at ${formatCommit(commit)}`,
        ),
        ['blocks', formatBlocks(work)],
      ];

const formatAlgorithm = ({ name, isDefault, description }: ResolvedAlgorithm): string =>
  `${formatExact(name)}${isDefault ? ' (default)' : ''}${description === undefined ? '' : `: ${escapeUnlessPlain(description)}`}`;

const formatBlocks = (work: Extract<JobWork, { kind: 'compute' }>): string => {
  const blocks = countBlocks(work);
  const size = work.blockSize ?? Math.ceil(work.inputCount / blocks);
  const even = work.inputCount % size === 0 ? '' : 'up to ';
  return `${blocks}, of ${even}${formatCount(Math.min(size, work.inputCount), 'input')}${blocks === 1 ? '' : ' each'}`;
};

const formatDigests = (digest: string | null | undefined): string[] =>
  digest === null || digest === undefined ? [] : [formatDigest(digest)];

const formatApproval = (
  { count, expiresSeconds }: NonNullable<JobPlan['approval']>,
  approvers: string | null,
): string => {
  const who =
    approvers === null ? 'someone whom the policy allows to approve' : escapeUnlessOwnMarkdown(approvers);
  const needed = count === 1 ? '' : `${count} approvals; `;
  return `${needed}requires ${who} (not the requester) within ${formatDuration(expiresSeconds)}`;
};

/** Shows the refusal that a command would get. @param refusal our own Markdown */
export const renderExplainedRefusal = (command: string, refusal: string): string =>
  `🔎 **${formatExact(command, 300)}** would be refused. Nothing was run. The reply would be:\n\n${refusal}`;

/**
 * Describes a command that does not start a job, and whether its author may use it. `usage`, `summary`, `who`: our own Markdown.
 * @param allowed undefined if that depends on the job in question
 */
export const renderCommandExplanation = (
  command: string,
  { usage, summary, who }: { usage: string; summary: string; who: string },
  allowed: boolean | undefined,
): string => {
  const may = allowed ? 'would be carried out' : 'would be refused: you are not allowed to use it';
  return [
    `🔎 **${formatExact(command, 300)}** ${allowed === undefined ? `can be used by ${escapeUnlessOwnMarkdown(who)}` : may}. Nothing was done.`,
    `${toCodeSpan(usage)} ${escapeUnlessOwnMarkdown(summary)}. It doesn't start a job.`,
  ].join('\n\n');
};
