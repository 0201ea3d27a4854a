import type { Job, JobState } from '../../compute/client/index.ts';
import { classifyError, type ErrorKind } from '../github/classify-error.ts';
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
  conclusion: conclusions[job.state],
  title: [job.state, ...(job.reason === null ? [] : [job.reason])].join(': ').replaceAll('-', ' '),
  summary: [
    `Job \`${job.id}\`. For details, see the reply to the comment that requested it.`,
    formatCounts(job),
  ].join(' '),
  annotations: [],
  externalId: job.id,
});

/** Returns the task or kind of a job, without parameters, because GitHub identifies checks by name. */
const getCheckSubject = ({ kind, request }: Job): string =>
  kind === 'task' && typeof request['taskName'] === 'string' ? request['taskName'] : kind;

const formatCounts = ({ progress }: Job): string =>
  progress === null ? '' : `Done: ${progress.done} of ${progress.total}, failed: ${progress.failed}.`;

/** Returns whether GitHub refused a check run for good: it is not permitted, the repository or commit is gone, or it accepts none. */
export const isCheckRunRefused = (error: unknown): boolean =>
  error instanceof WriteRefusedError || permanentFaults.has(classifyError(error)?.kind);

const permanentFaults: ReadonlySet<ErrorKind['kind'] | undefined> = new Set([
  'forbidden',
  'invalid',
  'locked-or-archived',
  'not-found',
]);
