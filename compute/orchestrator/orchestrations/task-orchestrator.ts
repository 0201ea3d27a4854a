import type { OrchestrationContext } from 'durable-functions';
import * as v from 'valibot';
import { JobId } from '../../../contracts/ids.ts';
import type { TaskResult } from '../../../contracts/job.ts';
import type { ExitRecord } from '../../../contracts/exit-record.ts';
import type { Orchestration, Steps } from '../durable.ts';
import type { JobEnd, JobStatus } from '../job/job-end.ts';
import { ownerOf } from '../job/job-ids.ts';
import { locksOf, TaskJob } from '../job/job-state.ts';
import { textOf } from '../text.ts';
import type { Timing } from '../timing.ts';
import { call } from './call-activity.ts';
import { failed, stopped, type Ended } from './outcomes.ts';
import { underConditions, type Begun } from './with-conditions.ts';
import { untilExit, type RunEnd } from './wait-for-exit.ts';

/** Runs a task: launches its runner once, waits for the script's exit, keeps the log. Its output is a `JobEnd`. */
export const taskOrchestrator = (timing: Timing): Orchestration =>
  function* (context): Steps<JobEnd> {
    const job = v.parse(JobId, context.df.instanceId);
    const input = v.parse(TaskJob, context.df.getInput());
    const owner = ownerOf(input.request.origin);
    const conditions = { ...input.request.conditions, locks: locksOf(input) };
    return yield* underConditions(context, timing, { job, owner, conditions }, (begun) =>
      untilEnded(context, timing, job, input, begun),
    );
  };

function* untilEnded(
  context: OrchestrationContext,
  timing: Timing,
  job: JobId,
  input: TaskJob,
  { startedAt, approvals, cancel }: Begun,
): Steps<Ended> {
  context.df.setCustomStatus({ startedAt, approvals } satisfies Partial<JobStatus>);
  try {
    const launch = yield* call(context, timing, 'LaunchRunner', {
      job,
      request: input.request,
      locks: locksOf(input),
    });
    if ('stop' in launch) return stopped(launch.stop);
    if ('reason' in launch) return failed(launch.reason, launch.message);
    const end = yield* untilExit(context, timing, job, launch.timeoutSeconds, cancel);
    const { started, logTail } = yield* call(context, timing, 'CollectRun', { job });
    return { ...endOf(end, started), result: resultOf(end, logTail), links: logTail === null ? [] : ['log'] };
  } catch (fault) {
    yield* call(context, timing, 'CollectRun', { job });
    return failed('internal', textOf(fault));
  }
}

const endOf = (end: RunEnd, started: boolean): Ended => {
  if (end.kind === 'stop') return stopped(end.stop);
  if (end.kind === 'exit') return exitOf(end.exit);
  return failed(
    'runner-lost',
    started
      ? 'The runner was lost after the script had started; how the script ended is not known'
      : 'The runner was lost before the script started',
  );
};

const exitOf = ({ exitCode, signal, timedOut, notStarted }: ExitRecord): Ended => {
  if (notStarted) return failed(notStarted.reason, notStarted.message);
  if (timedOut) return { state: 'timed-out', reason: 'deadline', message: 'The script ran out of time' };
  if (exitCode === 0) return { state: 'completed', reason: null };
  return failed(
    'script-failed',
    signal ? `The script was ended by ${signal}` : `The script ended with exit code ${exitCode}`,
  );
};

const resultOf = (end: RunEnd, logTail: string | null): TaskResult => {
  if (end.kind !== 'exit') return { exitCode: null, signal: null, timedOut: false, logTail };
  const { exitCode, signal, timedOut } = end.exit;
  return { exitCode, signal, timedOut, logTail };
};
