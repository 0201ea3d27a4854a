import type { Job } from '../../../compute/client/index.ts';
import { table } from '../../markdown/table.ts';
import { requesterText } from '../caller.ts';
import { commandText, named, whereShown } from '../headline.ts';
import { exact, showCharacters } from '../exact-text.ts';
import { pointInTime } from '../time.ts';
import { approvalCommands } from '../waiting.ts';
import { refused } from './refused.ts';

const most = 20;

/** A longer command is truncated in the list; it can be approved only where it is shown in full. */
const longestCommand = 600;

const isWhole = (job: Job): boolean => showCharacters(commandText(job)).length <= longestCommand;

/** What waits for approval, each with the command that approves it: nothing is approved without its code. */
export const waitingList = (command: string, jobs: readonly Job[]): string => {
  const waiting = jobs.flatMap((job) => (job.waiting?.for === 'approval' ? [{ job, for: job.waiting }] : []));
  if (waiting.length === 0)
    return refused(command, 'found nothing to do: nothing in this repository waits for approval.');
  const rows = waiting
    .slice(0, most)
    .map(({ job, for: { code, requester, expiresAt } }) => [
      isWhole(job) ? approvalCommands(job, code).approve : 'see its own reply',
      exact(commandText(job), longestCommand),
      requesterText(job, requester.name),
      pointInTime(expiresAt),
    ]);
  return [
    refused(command, 'decided nothing: it has to name the code of one request. These wait:'),
    table(['To approve', 'What', 'Asked by', 'Until'], rows),
    ...(waiting.length > most ? [`and ${waiting.length - most} more.`] : []),
  ].join('\n\n');
};

/** An approval that counts. @param missing how many more it takes */
export const approved = (job: Job, missing: number): string =>
  missing === 0
    ? `👍 ${named(job)} is approved. ${whereShown(job)} shows how it goes on.`
    : `👍 This approval of ${named(job)} counts. It takes ${missing} more.`;

/** A request that was rejected. */
export const rejectedJob = (job: Job): string => `👎 ${named(job)} is rejected. Nothing of it is run.`;

const whyNot = {
  'own-request': 'decided nothing: who asked for it cannot approve it. Somebody else has to.',
  'wrong-code':
    'decided nothing: no request that waits in this repository has this code. A request that changed has another.',
  'not-waiting': 'decided nothing: this request waits for no approval.',
  'not-found': 'found no such job in this repository.',
  ended: 'came too late: this request has ended.',
  'not-a-person':
    'decided nothing: only persons approve or reject, and this comment was written by a program.',
  'through-an-app':
    'decided nothing: only people approve or reject, and a GitHub App posted this comment. Post the command yourself in a new comment.',
  'policy-changed':
    'approved nothing: the policy has changed since it was asked for. Write the request anew; it gets another code.',
  'requester-lost-right': 'approved nothing: who asked for it may not run it any more.',
} as const;

/** A decision that does not count. @param job the request, if it is known */
export const notApproved = (command: string, why: keyof typeof whyNot, job: Job | undefined): string =>
  refused(command, `${whyNot[why]}${job ? ` It is about ${named(job)}.` : ''}`);
