import type { Job } from '../../../compute/client/index.ts';
import { formatTable } from '../../markdown/table.ts';
import { formatRequester } from '../caller.ts';
import { formatCommand, formatJob, formatProgressLocation } from '../headline.ts';
import { formatExact, showCharacters } from '../exact-text.ts';
import { formatTime } from '../time.ts';
import { formatApprovalCommands } from '../waiting-job.ts';
import { renderRefusal } from './refusal.ts';

const maxRows = 20;

/** A longer command is truncated in the list; it can be approved only where it is shown in full. */
const maxCommandLength = 600;

const fitsInList = (job: Job): boolean => showCharacters(formatCommand(job)).length <= maxCommandLength;

/** What waits for approval, each with the command that approves it: nothing is approved without its code. */
export const renderPendingApprovals = (command: string, jobs: readonly Job[]): string => {
  const waiting = jobs.flatMap((job) => (job.waiting?.for === 'approval' ? [{ job, for: job.waiting }] : []));
  if (waiting.length === 0)
    return renderRefusal(command, 'did nothing: no request in this repository waits for approval.');
  const rows = waiting
    .slice(0, maxRows)
    .map(({ job, for: { code, requester, expiresAt } }) => [
      fitsInList(job) ? formatApprovalCommands(job, code).approve : 'see its own reply',
      formatExact(formatCommand(job), maxCommandLength),
      formatRequester(job, requester.name),
      formatTime(expiresAt),
    ]);
  return [
    renderRefusal(command, 'did nothing: it needs the code of a request. These requests wait for approval:'),
    formatTable(['To approve', 'What', 'Asked by', 'Until'], rows),
    ...(waiting.length > maxRows ? [`and ${waiting.length - maxRows} more.`] : []),
  ].join('\n\n');
};

/** An approval that counts. @param missing how many more it takes */
export const renderApproval = (job: Job, missing: number): string =>
  missing === 0
    ? `👍 ${formatJob(job)} is approved. ${formatProgressLocation(job)} shows its progress.`
    : `👍 This approval of ${formatJob(job)} counts. It needs ${missing} more.`;

const refusalReasons = {
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
export const renderApprovalRefusal = (
  command: string,
  reason: keyof typeof refusalReasons,
  job: Job | undefined,
): string =>
  renderRefusal(command, `${refusalReasons[reason]}${job ? ` It is about ${formatJob(job)}.` : ''}`);

/** Several requests that wait have the same code. */
export const renderAmbiguousCode = (command: string, jobs: readonly Job[]): string =>
  [
    renderRefusal(
      command,
      'decided nothing: several requests that wait have this code, so it does not say which one you mean. That does not happen by chance. Cancel all of them, and have the right one asked for again:',
    ),
    formatTable(
      ['To cancel', 'What'],
      jobs
        .slice(0, maxRows)
        .map((job) => [
          formatApprovalCommands(job, '').cancel,
          formatExact(formatCommand(job), maxCommandLength),
        ]),
    ),
  ].join('\n\n');
