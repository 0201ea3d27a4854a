import type { Lock } from '../../../compute/client/index.ts';
import { toCodeSpan, escapeUnlessOwnMarkdown } from '../../markdown/untrusted-text.ts';
import type { JobPlan, JobWork } from '../../job/plan.ts';
import type { TaskDefinitionLock } from '../../job/task-locks.ts';
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
import { formatHolders, renderWarnings } from '../waiting-job.ts';

/** The current state around a plan: the holder of its lock, who can run it, and who can approve it (our own Markdown). */
type CurrentState = {
  lock: Lock | undefined;
  /** The locks that the task's definition adds, each with its current holders, if known. */
  added: readonly { added: TaskDefinitionLock; lock: Lock | undefined }[];
  who: string;
  approvers: string | null;
};

/** Describes what a command would do if its author wrote it, or that it would be refused. */
export const renderExplanation = (plan: JobPlan, allowed: boolean, state: CurrentState): string => {
  const { parameters, warnings, timeoutSeconds, concurrent, policy } = plan;
  const verdict = allowed
    ? 'would start if you wrote it.'
    : `would be refused if you wrote it: it requires ${escapeUnlessOwnMarkdown(state.who)}.`;
  const rows: (RequestRow | undefined)[] = [
    ...toWorkRows(plan.work),
    ...parameters.map(({ name, value, source }): RequestRow => {
      const shown = toParameterRow(name, value);
      return source === 'default' ? markAsDefault(shown) : shown;
    }),
    toRow('timeout', timeoutSeconds, formatDuration),
    toRow('concurrent jobs', concurrent, (most) => `at most ${most} in this repository`),
    toRow('lock', plan.lock, ({ key, when }) => formatLock(key, when, state.lock)),
    ...state.added.map(({ added, lock }): RequestRow => ['lock of the task', formatTaskLock(added, lock)]),
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

const toWorkRows = (work: JobWork): (RequestRow | undefined)[] =>
  work.kind === 'task'
    ? [
        ['task', formatExact(work.taskName)],
        ['image', formatExact(work.image, Infinity)],
        ['script', [formatExact(work.script), ...formatDigests(work.digests?.script)].join(', ')],
        toRow('definition', work.digests?.definition, formatDigest),
      ]
    : [
        toRow('algorithm', work.algorithm, (name) => formatExact(name)),
        ['inputs', String(work.inputCount)],
        toRow(
          'inputs from',
          work.inputs,
          ({ path, commit }) => `${formatExact(path, Infinity)} at ${formatCommit(commit)}`,
        ),
        toRow('inputs per block', work.blockSize, String),
      ];

const formatDigests = (digest: string | null | undefined): string[] =>
  digest === null || digest === undefined ? [] : [formatDigest(digest)];

const formatLock = (key: string, when: 'queue' | 'refuse', lock: Lock | undefined): string =>
  `${toCodeSpan(key)}: ${formatWhenTaken(when)}; ${formatHolder(lock) ?? 'currently free'}`;

/** Of a lock that is shared across repositories, only the jobs of this repository are known. */
const formatTaskLock = ({ key, slots, when }: TaskDefinitionLock, lock: Lock | undefined): string => {
  const share = slots > 1 ? `up to ${slots} jobs at once, across repositories` : 'shared across repositories';
  const now = formatHolder(lock) ?? 'currently not held or requested by a job of this repository';
  return `${toCodeSpan(key)}, ${share}: ${formatWhenTaken(when)}; ${now}`;
};

const formatWhenTaken = (when: 'queue' | 'refuse'): string =>
  when === 'queue' ? 'waits while the lock is taken' : 'ends if the lock is taken';

/** Describes who holds a lock and how many jobs wait; undefined if no holder is known. */
const formatHolder = (lock: Lock | undefined): string | undefined => {
  const who = lock ? formatHolders({ holders: lock.holders, elsewhere: lock.elsewhere?.holders }) : [];
  if (!lock || who.length === 0) return undefined;
  const waiting = lock.waiting.length + (lock.elsewhere?.waiting ?? 0);
  return `currently held by ${who.join('; ')}${waiting === 0 ? '' : `, with ${waiting} ${waiting === 1 ? 'job' : 'jobs'} waiting`}`;
};

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
