import { formatDuration } from '../../../contracts/duration.ts';
import type { JobId } from '../../../contracts/ids.ts';
import type { JobLaunch } from '../../../contracts/job.ts';
import type { Steps } from '../durable.ts';
import type { JobStatus, TaskJob } from '../job/job-state.ts';
import { toErrorText } from '../text.ts';
import { callActivity, type OrchestrationRun } from './call-activity.ts';
import { toFailedOutcome, toStoppedOutcome, type JobOutcome } from './outcomes.ts';
import { removeRunner } from './remove-runner.ts';
import { buildTaskResult, toExitOutcome, toLostOutcome } from './task-outcomes.ts';
import { waitForLaunch } from './wait-for-launch.ts';
import { watchRunner, type WatchOutcome } from './watch-runner.ts';
import type { JobStart, WorkOutcome } from './with-conditions.ts';

/** Launches a task's runner once, waits until its script has exited, removes the runner, and collects what it left. */
export function* runTask(
  run: OrchestrationRun,
  job: JobId,
  input: TaskJob,
  start: JobStart,
): Steps<WorkOutcome> {
  const { cancel } = start;
  const status = createStatus(run, start);
  try {
    const onWait = (waitingFor: string): void => status.show({ waitingFor });
    const launch = yield* waitForLaunch(run, { job, input, cancel, onWait });
    if (!('timeoutSeconds' in launch)) {
      const isRemoved = yield* removeRunner(run, job);
      const outcome =
        'stop' in launch ? toStoppedOutcome(launch.stop) : toFailedOutcome(launch.reason, launch.message);
      return { ...outcome, leavesRunner: !isRemoved };
    }
    const watched = yield* watchRunner(run, {
      job,
      timeoutSeconds: launch.timeoutSeconds,
      cancel,
      onStarting: () => status.show({ waitingFor: null }),
      onStarted: () => status.clear(),
    });
    return yield* endRun(run, job, input, watched);
  } catch (error) {
    const isRemoved = yield* removeRunner(run, job);
    return { ...toFailedOutcome('internal', toErrorText(error)), leavesRunner: !isRemoved };
  }
}

/** Sets the custom status of a task that runs. A launch that ends at once does not show. */
const createStatus = ({ context }: OrchestrationRun, { startedAt, approvals }: JobStart) => {
  const set = (launch: JobLaunch | null): void =>
    context.df.setCustomStatus({ startedAt, approvals, launch } satisfies Partial<JobStatus>);
  set(null);
  return {
    show: ({ waitingFor }: Pick<JobLaunch, 'waitingFor'>) => set({ waitingFor, since: startedAt }),
    clear: () => set(null),
  };
};

/** Removes a runner and collects what it left. Without an exit record, its script may still run: then the runner must be gone first. */
function* endRun(
  run: OrchestrationRun,
  job: JobId,
  { request, secrets }: TaskJob,
  watched: WatchOutcome,
): Steps<WorkOutcome> {
  const hasFailed = watched.kind === 'late' || watched.kind === 'lost';
  // The removal of a runner also removes its log.
  const log = hasFailed ? yield* callActivity(run, 'ReadRunnerLog', { job, request, secrets }) : null;
  const isRemoved = watched.kind === 'exit' ? undefined : yield* removeRunner(run, job);
  const collection = isRemoved === undefined ? { job } : { job, isRemoved: true };
  const { started, logTail, files } = yield* callActivity(run, 'CollectRun', collection);
  return {
    ...addLog(toOutcome(run, watched, started), log),
    result: buildTaskResult(watched.kind === 'exit' ? watched.exit : undefined, logTail),
    links: logTail === null ? [] : ['log'],
    ...(files ? { files } : {}),
    leavesRunner: isRemoved === false,
  };
}

const toOutcome = ({ timing }: OrchestrationRun, watched: WatchOutcome, started: boolean): JobOutcome => {
  if (watched.kind === 'exit') return toExitOutcome(watched.exit);
  if (watched.kind === 'stop') return toStoppedOutcome(watched.stop);
  const { kind, message } = watched;
  if (started || (kind === 'lost' && message === null)) return toLostOutcome(started, message);
  if (kind === 'lost') return toFailedOutcome('launch-failed', String(message));
  const limit = `The script did not start within ${formatDuration(timing.maxStartWait)} after the launch of its runner.`;
  return toFailedOutcome('launch-failed', message === null ? limit : `${limit} ${message}`);
};

/** Adds the end of the runner's own output to the message of a job. Replies show the lines after the first one as a block. */
const addLog = (outcome: JobOutcome, log: string | null): JobOutcome =>
  log === null ? outcome : { ...outcome, message: `${outcome.message ?? ''}\n${log}` };
