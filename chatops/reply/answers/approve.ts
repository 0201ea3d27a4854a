import type { Job } from '../../../compute/client/index.ts';
import { formatTable } from '../../markdown/table.ts';
import { toCodeSpan } from '../../markdown/untrusted-text.ts';
import { formatRequester } from '../caller.ts';
import { formatCommand, formatJob, formatProgressLocation } from '../headline.ts';
import { formatExact, showCharacters } from '../exact-text.ts';
import { formatJobCommand, formatJobLink } from '../job-link.ts';
import { formatTime } from '../time.ts';
import { getApprovalCommands } from '../waiting-job.ts';
import { renderRefusal, renderRefusalReason } from './refusal.ts';

const maxRows = 20;

/** A longer command is truncated in the list, and can be approved only where it is shown in full. */
const maxCommandLength = 600;

const fitsInList = (job: Job): boolean => showCharacters(formatCommand(job)).length <= maxCommandLength;

/** Lists the requests that are waiting for approval, each with the command that approves it. */
export const renderPendingApprovals = (command: string, jobs: readonly Job[]): string => {
  const waiting = jobs.flatMap((job) => (job.waiting?.for === 'approval' ? [{ job, for: job.waiting }] : []));
  if (waiting.length === 0)
    return renderRefusalReason(command, 'No request in this repository is waiting for approval.');
  const rows = waiting
    .slice(0, maxRows)
    .map(({ job, for: { code, requester, expiresAt } }) => [
      fitsInList(job) ? toCodeSpan(getApprovalCommands(job, code).approve) : 'see its own reply',
      formatExact(formatCommand(job), maxCommandLength),
      formatRequester(job, requester.name),
      formatTime(expiresAt),
      formatJobLink(job),
    ]);
  return [
    renderRefusal(command, 'needs the code of a request. These requests are waiting for approval:'),
    formatTable(['To approve', 'Command', 'Requested by', 'Until', 'Job'], rows),
    ...(waiting.length > maxRows ? [`and ${waiting.length - maxRows} more.`] : []),
  ].join('\n\n');
};

/** Confirms an approval. @param missing the number of approvals that are still needed */
export const renderApproval = (job: Job, missing: number): string =>
  missing === 0
    ? `👍 You approved ${formatJob(job)}. ${formatProgressLocation(job)} shows its progress.`
    : `👍 You approved ${formatJob(job)}. It needs ${missing} more ${missing === 1 ? 'approval' : 'approvals'}.`;

const refusalReasons = {
  'own-request': "You can't approve your own request. Someone else must approve it.",
  'wrong-code': 'No waiting request in this repository has this code. A changed request has a new code.',
  'not-waiting': 'This request is not waiting for approval.',
  'not-found': 'There is no such job in this repository.',
  ended: 'This request has already ended.',
  'not-a-person': 'Only people can approve or reject, and a bot wrote this comment.',
  'through-an-app':
    'Only people can approve or reject, and a GitHub App posted this comment. Post the command yourself in a new comment.',
  'policy-changed': 'The policy has changed since the request. Make the request again; it gets a new code.',
  'requester-lost-right': 'The requester is no longer allowed to run this.',
} as const;

/** Refuses an approval or a rejection. @param job the request, if it is known */
export const renderApprovalRefusal = (
  command: string,
  reason: keyof typeof refusalReasons,
  job: Job | undefined,
): string =>
  renderRefusalReason(command, `${refusalReasons[reason]}${job ? ` Request: ${formatJob(job)}.` : ''}`);

/** Refuses a code that several waiting requests have. */
export const renderAmbiguousCode = (command: string, jobs: readonly Job[]): string =>
  [
    renderRefusal(
      command,
      "Several waiting requests have this code, so it is unclear which one you mean. This doesn't happen by chance. Cancel all of them, then have the right one requested again:",
    ),
    formatTable(
      ['To cancel', 'Command'],
      jobs
        .slice(0, maxRows)
        .map((job) => [formatJobCommand(job, 'cancel'), formatExact(formatCommand(job), maxCommandLength)]),
    ),
  ].join('\n\n');
