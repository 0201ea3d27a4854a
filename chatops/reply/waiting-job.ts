import type { Approval, Job, LockHolder, WaitReason } from '../../compute/client/index.ts';
import { parseNotes } from '../job/notes.ts';
import { getUntrustedCaller } from '../job/trusted-origin.ts';
import { taskLockScope } from '../../contracts/task-locks.ts';
import {
  toCodeBlock,
  toCodeSpan,
  escapeUnlessOwnMarkdown,
  escapeUnlessPlain,
} from '../markdown/untrusted-text.ts';
import { formatCaller, formatPerson, formatRequester } from './caller.ts';
import { formatJobCommand, withNotedPrefix } from './job-link.ts';
import { formatHold, formatHolderName, formatHolders, formatOtherHolders } from './lock-holders.ts';
import { toLockRow } from './planned-lock.ts';
import { renderRequestTable } from './request-table.ts';
import { formatTime } from './time.ts';

/** Begins the sentence before the table of what an approval code covers. The sentence ends with a colon. */
export const tableIntroduction = 'The code approves exactly this';

type WaitingFor<T extends WaitReason['for']> = Extract<WaitReason, { for: T }>;

/** Reserved for the texts around the table of an approval, in characters. */
const spareLength = 3_000;

/** Describes what a job waits for, and what people can do about it. @param maxLength in characters */
export const renderWaitingJob = (job: Job, waiting: WaitReason, maxLength: number): string[] =>
  waiting.for === 'approval' ? renderApprovalRequest(job, waiting, maxLength) : [formatLockWait(waiting)];

const renderApprovalRequest = (job: Job, waiting: WaitingFor<'approval'>, maxLength: number): string[] => {
  const { approvers, warnings, locks } = parseNotes(job.origin);
  const { code, count, requester, expiresAt } = waiting;
  const claimant = getUntrustedCaller(job);
  const who =
    approvers && !claimant
      ? escapeUnlessOwnMarkdown(approvers.words)
      : 'someone whom the policy allows to approve';
  const { approve, reject } = getApprovalCommands(job, code);
  const lockRows = locks.map((lock) => toLockRow(lock, 'at-request'));
  const table = renderRequestTable(job, lockRows);
  // An approver could not read truncated values, and must not approve what is not shown in full.
  if (table.length + spareLength > maxLength)
    return [
      `It can be approved until ${formatTime(expiresAt)}, but this reply has no room to show exactly what it would run, so it does not show the approval code. Cancel the job with ${formatJobCommand(job, 'cancel')}, then write the command alone in a new comment.`,
    ];
  return [
    `It can be approved until ${formatTime(expiresAt)}. Approval requires ${who}; ${formatRequester(job, requester.name)}, who requested it, can't approve it.${formatApprovalsSoFar(job, count)}`,
    ...renderWarnings(warnings),
    `To approve it, write this in a new comment${job.origin.thread ? '' : ' in any issue of the repository'}:`,
    // GitHub shows a code block with a copy button. Commands in code are not read as commands.
    toCodeBlock(approve, 200),
    `To reject it, write ${toCodeSpan(reject)}. ${tableIntroduction}${claimant ? `; defaults, image, script, locks and policy are according to ${formatCaller(claimant)}` : ''}:`,
    table,
  ];
};

/** Renders warnings for an approver as a list; empty without warnings. */
export const renderWarnings = (warnings: readonly string[]): string[] =>
  warnings.length === 0 ? [] : [warnings.map((warning) => `- ⚠️ ${escapeUnlessPlain(warning)}.`).join('\n')];

/** Returns the commands that approve or reject a request. */
export const getApprovalCommands = (
  job: Pick<Job, 'origin'>,
  code: string,
): { approve: string; reject: string } => ({
  approve: withNotedPrefix(job, `approve ${code}`),
  reject: withNotedPrefix(job, `reject ${code} reason`),
});

const formatApprovalsSoFar = ({ approvals }: Job, count: number): string => {
  if (count === 1) return '';
  const soFar = approvals.length === 0 ? 'none yet' : `${approvals.length}, by ${formatApprovers(approvals)}`;
  return ` It needs ${count} approvals and has ${soFar}.`;
};

const formatApprovers = (approvals: readonly Approval[]): string =>
  approvals.map(({ by, via }) => formatPerson(by.name, via)).join(', ');

/** Names who approved a job; undefined while it waits for approval. */
export const formatApprovedBy = ({ approvals, waiting }: Job): string | undefined =>
  approvals.length === 0 || waiting?.for === 'approval'
    ? undefined
    : `Approved by ${formatApprovers(approvals)}.`;

/** Describes in a few words what a job waits for, with the job as the subject. */
export const formatWait = (waiting: WaitReason): string => {
  if (waiting.for === 'approval') return 'is waiting for approval';
  const { scope, key, holders, elsewhere } = waiting;
  const names = [...holders.map((holder) => formatHolderName(holder)), ...formatOtherHolders(elsewhere ?? 0)];
  const shown =
    names.length > maxNamedHolders
      ? [...names.slice(0, maxNamedHolders), `${names.length - maxNamedHolders} more`]
      : names;
  if (isConcurrencyLimit(scope))
    return shown.length === 0
      ? 'is waiting for its turn'
      : `is waiting until ${shown.length === 1 ? `${shown[0]} ends` : `one of these ends: ${shown.join(', ')}`}`;
  return `is waiting for the lock ${toCodeSpan(key)}${shown.length === 0 ? '' : `, held by ${shown.join(', ')}`}`;
};

const maxNamedHolders = 3;

/** The slots of `concurrent` are internal locks, whose keys mean nothing to people. */
const isConcurrencyLimit = (scope: string): boolean => scope.endsWith('#concurrent');

/** Adds to the heading, which names the lock and its holders: who shares it, since when they have it and why, and the queue. */
const formatLockWait = ({ scope, slots, holders, elsewhere, ahead }: WaitingFor<'lock'>): string => {
  const isLimit = isConcurrencyLimit(scope);
  const rule = isLimit
    ? `${slots === 1 ? 'Only one such job runs at a time' : `At most ${slots} such jobs run at once`} in this repository.`
    : formatSharing(scope, slots);
  const has = formatHolds(holders, elsewhere, isLimit ? 'Running' : 'Held');
  const queue =
    ahead === 0 ? 'This job is next.' : `${ahead} ${ahead === 1 ? 'job is' : 'jobs are'} ahead of this one.`;
  return [rule, has, queue].filter((sentence) => sentence !== undefined).join(' ');
};

/** Describes since when a lock is held and why: by name only if there are several holders, because the heading names a single one. */
const formatHolds = (
  holders: readonly LockHolder[],
  elsewhere: number | undefined,
  verb: 'Running' | 'Held',
): string | undefined => {
  const [first] = holders;
  if (!first) return undefined;
  if (holders.length === 1 && !elsewhere) return `${verb} ${formatHold(first)}.`;
  return `${verb}${verb === 'Held' ? ' by' : ''}: ${formatHolders({ holders, elsewhere }).join('; ')}.`;
};

/** Describes which jobs share a lock; undefined if only one holds it. Locks in definitions are shared across repositories. */
const formatSharing = (scope: string, slots: number): string | undefined => {
  const isOfTask = scope === taskLockScope;
  if (slots > 1)
    return `Up to ${slots} jobs can hold the lock at once${isOfTask ? ', across repositories' : ''}.`;
  return isOfTask ? 'The lock is shared across repositories.' : undefined;
};
