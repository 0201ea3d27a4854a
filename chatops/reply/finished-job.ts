import type { Job } from '../../compute/client/index.ts';
import { toCodeSpan } from '../markdown/untrusted-text.ts';
import { formatExact } from './exact-text.ts';
import { formatCounts } from './progress.ts';
import { formatReason } from './reason.ts';
import { renderFailures, renderResult } from './result.ts';
import { getStateLabel } from './state-labels.ts';
import { formatExit, renderLogTail, readTaskResult } from './task-result.ts';

type Paragraph = string | undefined;

/** What there is to say of a job that has ended, in about `room` characters. */
export const renderFinishedJob = (job: Job, maxLength: number): Paragraph[] => {
  const task = job.kind === 'task' ? readTaskResult(job.result) : undefined;
  const exit = task && formatExit(task);
  return [
    joinSentences([
      job.progress && `${formatCounts(job.progress)}.`,
      exit !== undefined && job.reason === 'script-failed'
        ? null
        : job.reason && formatReason(job.reason, job.startedAt !== null),
      exit,
    ]),
    formatMessage(job, exit !== undefined),
    renderFailures(job),
    task ? renderLogTail(task, limitLength(8_192, maxLength)) : renderComputeResult(job, maxLength),
  ];
};

/** What there is to say beyond the reason; of a script whose end is known, and of failed blocks, it is said already. */
const formatMessage = ({ reason, message }: Job, hasExit: boolean): Paragraph => {
  const isRedundant = hasExit || reason === 'blocks-failed' || reason === 'all-blocks-failed';
  if (message === null || isRedundant) return undefined;
  return reason === 'rejected' ? `Why: ${formatExact(message, 500)}` : toCodeSpan(message, 500);
};

/** Room for one text of others: a fence around it may be as long again, on either side. */
const limitLength = (limit: number, maxLength: number): number => Math.min(limit, Math.floor(maxLength / 3));

const joinSentences = (parts: (string | null | undefined)[]): Paragraph =>
  parts.filter((part) => typeof part === 'string').join(' ') || undefined;

const renderComputeResult = ({ kind, state, result }: Job, maxLength: number): Paragraph => {
  if (kind === 'task') return undefined;
  if (result !== null && result !== undefined) return renderResult(result, limitLength(4_096, maxLength));
  return getStateLabel(state).end === 'well'
    ? 'The result is too large to be shown here: see the outputs.'
    : undefined;
};
