import type { Job } from '../../../compute/client/index.ts';
import { table } from '../../markdown/table.ts';
import { requesterText } from '../caller.ts';
import { commandText, named, whereShown } from '../headline.ts';
import { exact, showCharacters } from '../exact-text.ts';
import { pointInTime } from '../time.ts';
import { approvalCommands } from '../waiting-job.ts';
import { refused } from './refusal.ts';

const most = 20;

/** A longer command is truncated in the list; it can be approved only where it is shown in full. */
const longestCommand = 600;

const isWhole = (job: Job): boolean => showCharacters(commandText(job)).length <= longestCommand;

/** What waits for approval, each with the command that approves it: nothing is approved without its code. */
export const waitingList = (command: string, jobs: readonly Job[]): string => {
  const waiting = jobs.flatMap((job) => (job.waiting?.for === 'approval' ? [{ job, for: job.waiting }] : []));
  if (waiting.length === 0)
    return refused(command, 'did nothing: no request in this repository waits for approval.');
  const rows = waiting
    .slice(0, most)
    .map(({ job, for: { code, requester, expiresAt } }) => [
      isWhole(job) ? approvalCommands(job, code).approve : 'see its own reply',
      exact(commandText(job), longestCommand),
      requesterText(job, requester.name),
      pointInTime(expiresAt),
    ]);
  return [
    refused(command, 'did nothing: it needs the code of a request. These requests wait for approval:'),
    table(['To approve', 'What', 'Asked by', 'Until'], rows),
    ...(waiting.length > most ? [`and ${waiting.length - most} more.`] : []),
  ].join('\n\n');
};

/** An approval that counts. @param missing how many more it takes */
export const approved = (job: Job, missing: number): string =>
  missing === 0
    ? `👍 ${named(job)} is approved. ${whereShown(job)} shows its progress.`
    : `👍 This approval of ${named(job)} counts. It needs ${missing} more.`;

/** A request that was rejected. */
export const rejectedJob = (job: Job): string => `👎 ${named(job)} is rejected. It will not run.`;

const whyNot = {
  'own-request': 'did nothing: you cannot approve your own request. Someone else must approve it.',
  'wrong-code':
    'did nothing: no waiting request in this repository has this code. A changed request has a new code.',
  'not-waiting': 'did nothing: this request is not waiting for approval.',
  'not-found': 'found no such job in this repository.',
  ended: 'came too late: this request has ended.',
  'not-a-person': 'did nothing: only people can approve or reject, and a program wrote this comment.',
  'through-an-app':
    'did nothing: only people can approve or reject, and a GitHub App posted this comment. Post the command yourself in a new comment.',
  'policy-changed':
    'approved nothing: the policy changed after the request. Make the request again; it gets a new code.',
  'requester-lost-right': 'approved nothing: the requester is no longer allowed to run it.',
} as const;

/** A decision that does not count. @param job the request, if it is known */
export const notApproved = (command: string, why: keyof typeof whyNot, job: Job | undefined): string =>
  refused(command, `${whyNot[why]}${job ? ` It is about ${named(job)}.` : ''}`);

/** Several requests that wait have the same code. */
export const ambiguousCode = (command: string, jobs: readonly Job[]): string =>
  [
    refused(
      command,
      'decided nothing: several requests that wait have this code, so it does not say which one you mean. That does not happen by chance. Cancel all of them, and have the right one asked for again:',
    ),
    table(
      ['To cancel', 'What'],
      jobs
        .slice(0, most)
        .map((job) => [approvalCommands(job, '').cancel, exact(commandText(job), longestCommand)]),
    ),
  ].join('\n\n');
