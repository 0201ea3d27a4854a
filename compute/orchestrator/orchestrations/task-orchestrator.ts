import type { OrchestrationContext } from 'durable-functions';
import * as v from 'valibot';
import { JobId } from '../../../contracts/ids.ts';
import type { TaskResult } from '../../../contracts/job.ts';
import type { ExitRecord } from '../../../contracts/exit-record.ts';
import type { Orchestration, Steps } from '../durable.ts';
import { type JobOutput, type JobStatus, getRequiredLocks, TaskJob } from '../job/job-state.ts';
import { toOwner } from '../job/job-ids.ts';
import { toErrorText } from '../text.ts';
import type { Timing } from '../timing.ts';
import { callActivity } from './call-activity.ts';
import { toFailedOutcome, toStoppedOutcome, type JobOutcome } from './outcomes.ts';
import { runWithConditions, type JobStart } from './with-conditions.ts';
import { waitForExit, type RunOutcome } from './wait-for-exit.ts';

/** Runs a task: launches its runner once, waits for the script's exit, keeps the log. Its output is a `JobEnd`. */
export const taskOrchestrator = (timing: Timing): Orchestration =>
  function* (context): Steps<JobOutput> {
    const job = v.parse(JobId, context.df.instanceId);
    const input = v.parse(TaskJob, context.df.getInput());
    const owner = toOwner(input.request.origin);
    const conditions = { ...input.request.conditions, locks: getRequiredLocks(input) };
    return yield* runWithConditions(context, timing, { job, owner, conditions }, (start) =>
      runTask(context, timing, job, input, start),
    );
  };

function* runTask(
  context: OrchestrationContext,
  timing: Timing,
  job: JobId,
  input: TaskJob,
  { startedAt, approvals, cancel }: JobStart,
): Steps<JobOutcome> {
  context.df.setCustomStatus({ startedAt, approvals } satisfies Partial<JobStatus>);
  try {
    const launch = yield* callActivity(context, timing, 'LaunchRunner', {
      job,
      request: input.request,
      locks: getRequiredLocks(input),
    });
    if ('stop' in launch) return toStoppedOutcome(launch.stop);
    if ('reason' in launch) return toFailedOutcome(launch.reason, launch.message);
    const run = yield* waitForExit(context, timing, job, launch.timeoutSeconds, cancel);
    const { started, logTail } = yield* callActivity(context, timing, 'CollectRun', { job });
    return {
      ...toRunOutcome(run, started),
      result: buildTaskResult(run, logTail),
      links: logTail === null ? [] : ['log'],
    };
  } catch (fault) {
    yield* callActivity(context, timing, 'CollectRun', { job });
    return toFailedOutcome('internal', toErrorText(fault));
  }
}

const toRunOutcome = (run: RunOutcome, started: boolean): JobOutcome => {
  if (run.kind === 'stop') return toStoppedOutcome(run.stop);
  if (run.kind === 'exit') return toExitOutcome(run.exit);
  return toFailedOutcome(
    'runner-lost',
    started
      ? 'The runner was lost after the script had started; how the script ended is not known'
      : 'The runner was lost before the script started',
  );
};

const toExitOutcome = ({ exitCode, signal, timedOut, notStarted }: ExitRecord): JobOutcome => {
  if (notStarted) return toFailedOutcome(notStarted.reason, notStarted.message);
  if (timedOut) return { state: 'timed-out', reason: 'deadline', message: 'The script ran out of time' };
  if (exitCode === 0) return { state: 'completed', reason: null };
  return toFailedOutcome(
    'script-failed',
    signal ? `The script was ended by ${signal}` : `The script ended with exit code ${exitCode}`,
  );
};

const buildTaskResult = (run: RunOutcome, logTail: string | null): TaskResult => {
  if (run.kind !== 'exit') return { exitCode: null, signal: null, timedOut: false, logTail };
  const { exitCode, signal, timedOut } = run.exit;
  return { exitCode, signal, timedOut, logTail };
};
