import { saveState, warning } from '@actions/core';
import { lookOf } from '../chatops/reply/state.ts';
import type { Job, Jobs } from '../compute/client/index.ts';
import { follow } from './follow.ts';
import { progressLines } from './progress.ts';
import { reportJob, setOutputs, type Seldom } from './report.ts';
import type { Step } from './step.ts';

export type Followed = { step: Step; jobs: Jobs; reply: Seldom | undefined };

/** Follows a job to the end of the step, and tells of it. @returns the step's exit code */
export const followToEnd = async (id: string, followed: Followed): Promise<number> => {
  const { step, jobs, reply } = followed;
  const { inputs, stop } = step;
  if (inputs.wait) saveState('job', id);
  const line = progressLines();
  const last = await follow(id, {
    jobs,
    stop: inputs.wait ? stop.signal : AbortSignal.abort(),
    tell: warning,
    see: async (job) => {
      line(job);
      await reply?.show(job);
    },
  });
  const { end } = lookOf(last.state);
  if (inputs.wait && end === undefined && last.state !== 'waiting') return leave(last, followed);
  // What is done after a cancel must not reach a job that this step has left to itself.
  if (inputs.wait && end === undefined) saveState('job', '');
  await reply?.close(last);
  await reportJob(last, jobs);
  return end === 'badly' ? 1 : 0;
};

/** The step ends before its job: that is canceled, or goes on by itself. */
const leave = async (last: Job, { step, jobs, reply }: Followed): Promise<number> => {
  const { inputs, runner, stop } = step;
  const [why, reason] =
    stop.cause() === 'time' ? ['the time is up', 'timeout'] : ['the workflow is canceled', 'aborted'];
  const told = inputs['cancel-on-abort'] ? await cancel(last.id, runner.triggeringActor, jobs) : 'goes on';
  warning(`${last.id} ${told}: ${why}.`);
  const seen = (await jobs.get(last.id).catch(() => undefined)) ?? last;
  await reportJob(seen, jobs);
  if (lookOf(seen.state).end === undefined) setOutputs({ reason });
  await reply?.close(seen);
  return 1;
};

const cancel = async (id: string, by: string, jobs: Jobs): Promise<string> => {
  const answer = await jobs.cancel(id, by);
  return answer === 'accepted' ? 'is canceled' : answer === 'ended' ? 'has ended' : 'is not known';
};
