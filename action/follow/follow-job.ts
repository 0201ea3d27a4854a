import { lookOf } from '../../chatops/reply/state-labels.ts';
import type { Job, Jobs } from '../../compute/client/index.ts';
import { nameOf } from '../report/annotate.ts';
import { outputsOf, type Outputs } from '../report/outputs.ts';
import { progressLines } from '../report/progress-lines.ts';
import { reportJob, setOutputs, writeSummary } from '../report/report-job.ts';
import type { Seldom } from '../report/throttled-reply.ts';
import type { Step } from '../step/step.ts';
import { stopReasons, type StopCause } from '../step/deadline.ts';
import { cancel } from './cancel-job.ts';
import { follow } from './poll-job.ts';
import { error, warning } from '../report/log.ts';

export type Followed = {
  step: Step;
  jobs: Jobs;
  reply: Seldom | undefined;
  /** Whether other jobs are told of in the same log. */
  amongOthers?: boolean;
  /** See `Following`. */
  settles?: number;
};

/** What a job comes to in this step: the step's exit code, and what the steps after it are told. */
export type Ending = { code: 0 | 1; outputs: Outputs };

/** Tells the steps after this one. @returns the step's exit code */
export const ending = ({ code, outputs }: Ending): number => {
  setOutputs(outputs);
  return code;
};

/** Follows a job to the end of the step, and tells its readers. */
export const followToEnd = async (id: string, followed: Followed): Promise<Ending> => {
  const { step, jobs, reply, amongOthers = false, settles = 0 } = followed;
  const { inputs, kept, stop } = step;
  if (inputs.wait) kept.keep(id);
  const line = progressLines(amongOthers);
  const last = await follow(id, {
    jobs,
    wait: inputs.wait,
    stop: stop.signal,
    tell: warning,
    settles,
    see: async (job) => {
      line(job);
      await reply?.show(job);
    },
  });
  const { end } = lookOf(last.state);
  if (inputs.wait && end === undefined && last.state !== 'waiting') return leave(last, followed);
  // What is done after a cancel must not reach a job that this step has left to itself.
  if (inputs.wait && end === undefined) kept.letGo(id);
  await reply?.close(last);
  await reportJob(last, jobs);
  return { code: end === 'badly' ? 1 : 0, outputs: outputsOf(last) };
};

/** The step ends before its job: that is canceled, or goes on by itself. */
const leave = async (last: Job, { step, jobs, reply }: Followed): Promise<Ending> => {
  const { inputs, stop } = step;
  const cause = stop.cause() ?? 'canceled';
  const told = inputs['cancel-on-abort'] ? await cancel(last.id, step, jobs) : 'goes on';
  const words = `${nameOf(last)} ${told}: ${why[cause]}.`;
  if (cause === 'time') error(words, { title: 'The time is up' });
  else warning(words);
  await writeSummary(words);
  const seen = (await jobs.get(last.id).catch(() => undefined)) ?? last;
  await reportJob(seen, jobs);
  await reply?.close(seen);
  const goesOn = lookOf(seen.state).end === undefined;
  return { code: 1, outputs: { ...outputsOf(seen), ...(goesOn ? { reason: stopReasons[cause] } : {}) } };
};

const why = {
  time: 'the step’s `timeout-minutes` are over',
  canceled: 'the workflow is canceled',
} as const satisfies Record<StopCause, string>;
