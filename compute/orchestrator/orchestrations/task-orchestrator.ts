import * as v from 'valibot';
import { JobId } from '../../../contracts/ids.ts';
import type { Orchestration, Steps } from '../durable.ts';
import { toOwner } from '../job/job-ids.ts';
import { getRequiredLocks, TaskJob, type JobOutput, type JobStatus } from '../job/job-state.ts';
import { toErrorText } from '../text.ts';
import type { Timing } from '../timing.ts';
import { callActivity, type OrchestrationRun } from './call-activity.ts';
import { toFailedOutcome, toStoppedOutcome, type JobOutcome } from './outcomes.ts';
import { runTask } from './run-task.ts';
import { buildTaskResult, toExitOutcome, toLostOutcome } from './task-outcomes.ts';
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
    const work = input.revision === undefined ? runFirstRevision : runTask;
    return yield* runWithConditions(run, { job, owner, conditions }, (start) => work(run, job, input, start));
  };

/** The steps of tasks that older versions started. They must not change as long as such tasks run. */
function* runFirstRevision(
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
    // Its launches are repeated by their activity.
    if ('later' in launch) throw new Error('A task of the first revision does not wait for its launch');
    const outcome = yield* waitForExit(run, job, launch.timeoutSeconds, cancel);
    const { started, logTail, files } = yield* callActivity(run, 'CollectRun', { job });
    return {
      ...toRunOutcome(outcome, started),
      result: buildTaskResult(outcome.kind === 'exit' ? outcome.exit : undefined, logTail),
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
  return outcome.kind === 'exit' ? toExitOutcome(outcome.exit) : toLostOutcome(started);
};
