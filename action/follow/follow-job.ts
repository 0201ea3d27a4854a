import { getStateLabel } from '../../chatops/reply/state-labels.ts';
import type { Job, Jobs } from '../../compute/client/index.ts';
import { formatJobName } from '../report/annotate.ts';
import { buildOutputs, type ActionOutputs } from '../report/outputs.ts';
import { createProgressPrinter } from '../report/progress-lines.ts';
import { reportJob, setOutputs, writeSummary } from '../report/report-job.ts';
import type { ThrottledReply } from '../report/throttled-reply.ts';
import type { ActionStep } from '../step/step.ts';
import { abortReasons, type AbortCause } from '../step/deadline.ts';
import { cancelJob } from './cancel-job.ts';
import { pollJob } from './poll-job.ts';
import { error, warning } from '../report/log.ts';

export type FollowJobOptions = {
  step: ActionStep;
  jobs: Jobs;
  reply: ThrottledReply | undefined;
  /** Whether other jobs are told of in the same log. */
  hasSeveralJobs?: boolean;
  /** See `Following`. */
  settleMilliseconds?: number;
};

/** What a job comes to in this step: the step's exit code, and what the steps after it are told. */
export type StepResult = { code: 0 | 1; outputs: ActionOutputs };

/** Tells the steps after this one. @returns the step's exit code */
export const finishStep = ({ code, outputs }: StepResult): number => {
  setOutputs(outputs);
  return code;
};

/** Follows a job to the end of the step, and tells its readers. */
export const followJob = async (id: string, options: FollowJobOptions): Promise<StepResult> => {
  const { step, jobs, reply, hasSeveralJobs = false, settleMilliseconds = 0 } = options;
  const { inputs, trackedJobs, deadline } = step;
  if (inputs.wait) trackedJobs.track(id);
  const printProgress = createProgressPrinter(hasSeveralJobs);
  const last = await pollJob(id, {
    jobs,
    wait: inputs.wait,
    signal: deadline.signal,
    onRetry: warning,
    settleMilliseconds,
    onView: async (job) => {
      printProgress(job);
      await reply?.show(job);
    },
  });
  const { end } = getStateLabel(last.state);
  if (inputs.wait && end === undefined && last.state !== 'waiting') return endBeforeJob(last, options);
  // What is done after a cancel must not reach a job that this step has left to itself.
  if (inputs.wait && end === undefined) trackedJobs.untrack(id);
  await reply?.close(last);
  await reportJob(last, jobs);
  return { code: end === 'badly' ? 1 : 0, outputs: buildOutputs(last) };
};

/** The step ends before its job: that is canceled, or goes on by itself. */
const endBeforeJob = async (last: Job, { step, jobs, reply }: FollowJobOptions): Promise<StepResult> => {
  const { inputs, deadline } = step;
  const cause = deadline.getCause() ?? 'canceled';
  const outcome = inputs['cancel-on-abort'] ? await cancelJob(last.id, step, jobs) : 'goes on';
  const message = `${formatJobName(last)} ${outcome}: ${abortExplanations[cause]}.`;
  if (cause === 'time') error(message, { title: 'The time is up' });
  else warning(message);
  await writeSummary(message);
  const lastJob = (await jobs.get(last.id).catch(() => undefined)) ?? last;
  await reportJob(lastJob, jobs);
  await reply?.close(lastJob);
  const isLive = getStateLabel(lastJob.state).end === undefined;
  return {
    code: 1,
    outputs: { ...buildOutputs(lastJob), ...(isLive ? { reason: abortReasons[cause] } : {}) },
  };
};

const abortExplanations = {
  time: 'the step’s `timeout-minutes` are over',
  canceled: 'the workflow is canceled',
} as const satisfies Record<AbortCause, string>;
