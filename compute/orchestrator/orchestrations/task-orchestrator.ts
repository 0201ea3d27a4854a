import * as v from 'valibot';
import type { ExitRecord } from '../../../contracts/exit-record.ts';
import { JobId } from '../../../contracts/ids.ts';
import type { TaskResult } from '../../../contracts/job.ts';
import type { Orchestration, Steps } from '../durable.ts';
import { toOwner } from '../job/job-ids.ts';
import { getRequiredLocks, TaskJob, type JobOutput, type JobStatus } from '../job/job-state.ts';
import { toErrorText } from '../text.ts';
import type { Timing } from '../timing.ts';
import { callActivity, type OrchestrationRun } from './call-activity.ts';
import { toFailedOutcome, toStoppedOutcome, type JobOutcome } from './outcomes.ts';
import { waitForExit, type RunOutcome } from './wait-for-exit.ts';
import { runWithConditions, type JobStart } from './with-conditions.ts';

/** Runs a task: launches its runner once, waits until the script exits, and collects the log. Its output is a `JobOutput`. */
export const taskOrchestrator = (timing: Timing): Orchestration =>
  function* (context): Steps<JobOutput> {
    const run = { context, timing };
    const job = v.parse(JobId, context.df.instanceId);
    const input = v.parse(TaskJob, context.df.getInput());
    const owner = toOwner(input.request.origin);
    const conditions = { ...input.request.conditions, locks: getRequiredLocks(input) };
    return yield* runWithConditions(run, { job, owner, conditions }, (start) =>
      runTask(run, job, input, start),
    );
  };

function* runTask(
  run: OrchestrationRun,
  job: JobId,
  input: TaskJob,
  { startedAt, approvals, cancel }: JobStart,
): Steps<JobOutcome> {
  run.context.df.setCustomStatus({ startedAt, approvals } satisfies Partial<JobStatus>);
  try {
    const { request } = input;
    const launch = yield* callActivity(run, 'LaunchRunner', { job, request, locks: getRequiredLocks(input) });
    if ('stop' in launch) return toStoppedOutcome(launch.stop);
    if ('reason' in launch) return toFailedOutcome(launch.reason, launch.message);
    const outcome = yield* waitForExit(run, job, launch.timeoutSeconds, cancel);
    const { started, logTail, files } = yield* callActivity(run, 'CollectRun', { job });
    return {
      ...toRunOutcome(outcome, started),
      result: buildTaskResult(outcome, logTail),
      links: logTail === null ? [] : ['log'],
      ...(files ? { files } : {}),
    };
  } catch (error) {
    yield* callActivity(run, 'CollectRun', { job });
    return toFailedOutcome('internal', toErrorText(error));
  }
}

const toRunOutcome = (outcome: RunOutcome, started: boolean): JobOutcome => {
  if (outcome.kind === 'stop') return toStoppedOutcome(outcome.stop);
  if (outcome.kind === 'exit') return toExitOutcome(outcome.exit);
  return toFailedOutcome(
    'runner-lost',
    started
      ? 'The runner was lost after the script had started; how the script ended is not known'
      : 'The runner was lost before the script started',
  );
};

const toExitOutcome = ({ exitCode, signal, timedOut, notStarted }: ExitRecord): JobOutcome => {
  if (notStarted) {
    const { reason, message } = notStarted;
    // Bots of older versions know the reasons of jobs, and no new ones.
    return toFailedOutcome(reason === 'identity-unavailable' ? 'launch-failed' : reason, message);
  }
  if (timedOut) return { state: 'timed-out', reason: 'deadline', message: 'The script ran out of time' };
  if (exitCode === 0) return { state: 'completed', reason: null };
  return toFailedOutcome(
    'script-failed',
    signal ? `The script was ended by ${signal}` : `The script ended with exit code ${exitCode}`,
  );
};

const buildTaskResult = (outcome: RunOutcome, logTail: string | null): TaskResult => {
  if (outcome.kind !== 'exit') return { exitCode: null, signal: null, timedOut: false, logTail };
  const { exitCode, signal, timedOut } = outcome.exit;
  return { exitCode, signal, timedOut, logTail };
};
