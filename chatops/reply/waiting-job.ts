import type { Approval, Job, LockHolder, Waiting } from '../../compute/client/index.ts';
import { notesOf } from '../job/notes.ts';
import { claimantOf } from '../job/trusted-origin.ts';
import { sharedLockScope } from '../scope.ts';
import { inline, ourWords, phrase } from '../markdown/untrusted-text.ts';
import { callerText, personText, requesterText } from './caller.ts';
import { exact } from './exact-text.ts';
import { exactly } from './request-table.ts';
import { pointInTime } from './time.ts';

type For<T extends Waiting['for']> = Extract<Waiting, { for: T }>;

/** The room for everything around the table of an approval, in characters. */
const spareRoom = 3_000;

/** Describes what a job waits for, and what people can do about it. @param room in characters */
export const waitingText = (job: Job, waiting: Waiting, room: number): string[] =>
  waiting.for === 'approval' ? approvalText(job, waiting, room) : [lockText(waiting)];

const approvalText = (job: Job, waiting: For<'approval'>, room: number): string[] => {
  const { approvers, warnings } = notesOf(job.origin);
  const { code, count, requester, expiresAt } = waiting;
  const claimant = claimantOf(job);
  const who =
    approvers && !claimant ? ourWords(approvers.words) : 'someone whom the policy allows to approve';
  const { approve, reject, cancel } = approvalCommands(job, code);
  const table = exactly(job);
  // An approver could not read truncated values, and must not approve what is not shown in full.
  if (table.length + spareRoom > room)
    return [
      `It can be approved until ${pointInTime(expiresAt)}, but this reply has no room to show exactly what it would run, so it does not show the approval code. Cancel the job with ${cancel}, then write the command alone in a new comment.`,
    ];
  return [
    `It can be approved until ${pointInTime(expiresAt)}. Approval requires ${who}; ${requesterText(job, requester.name)}, who requested it, cannot approve it.${soFar(job, count)}`,
    ...warningList(warnings),
    `To decide, write ${approve} or ${reject} in a new comment${job.origin.thread ? '' : ' on any issue of the repository'}. The code approves exactly this${claimant ? `; defaults, image, script and policy are according to ${callerText(claimant)}` : ''}:`,
    table,
  ];
};

/** What an approver should look at twice, as a list; nothing if there is nothing. */
export const warningList = (warnings: readonly string[]): string[] =>
  warnings.length === 0 ? [] : [warnings.map((warning) => `- ⚠️ ${phrase(warning)}.`).join('\n')];

/** The commands that decide on a job, as they are to be written. */
export const approvalCommands = (
  job: Job,
  code: string,
): { approve: string; reject: string; cancel: string } => {
  const { prefix } = notesOf(job.origin);
  const start = prefix === null ? '/' : `/${prefix} `;
  return {
    approve: inline(`${start}approve ${code}`),
    reject: inline(`${start}reject ${code} reason`),
    cancel: inline(`${start}cancel ${job.id}`),
  };
};

const soFar = ({ approvals }: Job, count: number): string => {
  if (count === 1) return '';
  const who = approvals.length === 0 ? 'none' : `${approvals.length}, by ${names(approvals)}`;
  return ` ${count} approvals are needed; so far there ${approvals.length > 1 ? 'are' : 'is'} ${who}.`;
};

const names = (approvals: readonly Approval[]): string =>
  approvals.map(({ by, via }) => personText(by.name, via)).join(', ');

/** Who approved a job that waits for that no more. */
export const approvedText = ({ approvals, waiting }: Job): string | undefined =>
  approvals.length === 0 || waiting?.for === 'approval' ? undefined : `Approved by ${names(approvals)}.`;

const lockText = ({ scope, key, slots, holders, elsewhere, ahead }: For<'lock'>): string => {
  // The places of `concurrent` are locks of ours by a name that says nothing to people.
  const places = scope.endsWith('#concurrent');
  const what = places
    ? `At most ${slots} such ${slots === 1 ? 'job runs' : 'jobs run'} at once in this repository.`
    : `It needs the lock ${inline(key)}${sharing(scope, slots)}.`;
  const who = holderTexts({ holders, elsewhere });
  const has = who.length === 0 ? '' : ` ${places ? 'Running' : 'Held by'}: ${who.join('; ')}.`;
  const queue =
    ahead === 0 ? 'This job is next.' : `${ahead} ${ahead === 1 ? 'job is' : 'jobs are'} ahead of this one.`;
  return `${what}${has} ${queue}`;
};

/** Describes which jobs share a lock. Locks in definitions are shared across repositories. */
const sharing = (scope: string, slots: number): string => {
  const isOfTask = scope === sharedLockScope;
  if (slots > 1)
    return `, which up to ${slots} jobs can hold at once${isOfTask ? ', across repositories' : ''}`;
  return isOfTask ? ', which is shared across repositories' : '';
};

/** Describes the holders of a lock: those listed, and a count of other repositories' jobs, whose ids are not shown. `jobName` describes a job. */
export const holderTexts = (
  { holders, elsewhere = 0 }: { holders: readonly LockHolder[]; elsewhere?: number | undefined },
  jobName?: (id: string) => string,
): string[] => [...holders.map((holder) => holderText(holder, jobName)), ...elsewhereTexts(elsewhere)];

/** Jobs of other repositories, in words. */
export const elsewhereTexts = (count: number): string[] => {
  if (count === 0) return [];
  return [count === 1 ? 'a job of another repository' : `${count} jobs of other repositories`];
};

/** Who has a lock, since when, and why. `jobName`: a job in words. */
export const holderText = (holder: LockHolder, jobName: (id: string) => string = inline): string => {
  const since = `since ${pointInTime(holder.since)}`;
  if (holder.kind === 'job') return `${jobName(holder.job)} ${since}`;
  const { person, via, reason } = holder;
  return `${personText(person.name, via)} ${since}${reason === null ? '' : `, because ${exact(reason, 300)}`}`;
};
