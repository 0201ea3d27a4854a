import { getStateLabel } from '../../chatops/reply/state-labels.ts';
import type { Job, Jobs } from '../../compute/client/index.ts';
import { formatJobName } from '../report/annotate.ts';
import { buildOutputs, setOutputs, type ActionOutputs } from '../report/outputs.ts';
import { createProgressPrinter } from '../report/progress-lines.ts';
import { reportJob, writeSummary } from '../report/report-job.ts';
import type { ThrottledReply } from '../report/throttled-reply.ts';
import type { ActionStep } from '../step/step.ts';
import { abortReasons, type AbortCause } from '../step/deadline.ts';
import { cancelJob } from './cancel-job.ts';
import { pollJob } from './poll-job.ts';
import { error, warning } from '../report/log.ts';

type FollowJobOptions = {
  step: ActionStep;
  jobs: Jobs;
  reply: ThrottledReply | undefined;
  /** Whether the same log shows other jobs. */
  hasSeveralJobs?: boolean;
  /** See `PollJobOptions`. */
  settleMilliseconds?: number;
};

/** The result of a job for its step: the exit code and the outputs. */
export type StepResult = { code: 0 | 1; outputs: ActionOutputs };

/** Sets the outputs. @returns the step's exit code */
export const finishStep = ({ code, outputs }: StepResult): number => {
  setOutputs(outputs);
  return code;
};

/** Follows a job until the step ends, and reports it in the log, the summary and the reply. */
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
  const { end } = getStateLabel(last);
  if (inputs.wait && end === undefined && last.state !== 'waiting') return endBeforeJob(last, options);
  // The post step must not cancel a job that this step no longer follows.
  if (inputs.wait && end === undefined) trackedJobs.untrack(id);
  await reply?.close(last);
  await reportJob(last, jobs);
  return { code: end === 'badly' ? 1 : 0, outputs: buildOutputs(last) };
};

/** Ends the step before its job: cancels the job, or lets it continue. */
const endBeforeJob = async (last: Job, { step, jobs, reply }: FollowJobOptions): Promise<StepResult> => {
  const { inputs, deadline } = step;
  const cause = deadline.getCause() ?? 'canceled';
  const outcome = inputs['cancel-on-abort'] ? await cancelJob(last.id, step, jobs) : 'continues';
  const message = `${formatJobName(last)} ${outcome}: ${abortExplanations[cause]}.`;
  if (cause === 'time') error(message, { title: 'Timeout' });
  else warning(message);
  await writeSummary(message);
  const lastJob = (await jobs.get(last.id).catch(() => undefined)) ?? last;
  await reportJob(lastJob, jobs);
  await reply?.close(lastJob);
  const isLive = getStateLabel(lastJob).end === undefined;
  return {
    code: 1,
    outputs: { ...buildOutputs(lastJob), ...(isLive ? { reason: abortReasons[cause] } : {}) },
  };
};

const abortExplanations = {
  time: 'the step reached its `timeout-minutes`',
  canceled: 'the workflow was canceled',
} as const satisfies Record<AbortCause, string>;
