import type { Job, JobState } from '../../compute/client/index.ts';
import { classifyError, type ErrorKind } from '../github/classify-error.ts';
import { formatJobLink } from '../reply/job-link.ts';
import { formatCounts } from '../reply/progress.ts';
import { WriteRefusedError, type CheckRun } from '../github/ports.ts';

const conclusions = {
  queued: null,
  waiting: null,
  running: null,
  completed: 'success',
  'completed-with-failures': 'failure',
  failed: 'failure',
  canceled: 'cancelled',
  'timed-out': 'timed_out',
} as const satisfies Record<JobState, CheckRun['conclusion']>;

/** Returns the check run of a commit that shows a job. */
export const toCheckRun = (job: Job, commit: string): CheckRun => ({
  name: `coxswain: ${getCheckSubject(job)}`,
  commit,
  conclusion: job.reason === 'rejected' ? 'failure' : conclusions[job.state],
  title: formatTitle(job),
  summary: [
    `Job ${formatJobLink(job)}. For details, see the reply to the comment that requested it.`,
    ...(job.progress ? [`${formatCounts(job)}.`] : []),
  ].join(' '),
  annotations: [],
  externalId: job.id,
});

/** A rejected job was not canceled, although it has that state. */
const formatTitle = ({ state, reason }: Job): string => {
  const parts = reason === null ? [state] : reason === 'rejected' ? [reason] : [state, reason];
  return parts.join(': ').replaceAll('-', ' ');
};

/** Returns the task or kind of a job, without parameters, because GitHub identifies checks by name. */
const getCheckSubject = ({ kind, request }: Job): string =>
  kind === 'task' && typeof request['taskName'] === 'string' ? request['taskName'] : kind;

/** Returns whether GitHub refused a check run for good: it is not permitted, the repository or commit is gone, or it accepts none. */
export const isCheckRunRefused = (error: unknown): boolean =>
  error instanceof WriteRefusedError || permanentFaults.has(classifyError(error)?.kind);

const permanentFaults: ReadonlySet<ErrorKind['kind'] | undefined> = new Set([
  'forbidden',
  'invalid',
  'locked-or-archived',
  'not-found',
]);
