import { warning } from '@actions/core';
import { lookOf } from '../chatops/reply/state.ts';
import type { Job, Jobs } from '../compute/client/index.ts';
import { follow } from './follow.ts';
import { keep, letGo } from './kept.ts';
import { persistently } from './patience.ts';
import { progressLines } from './progress.ts';
import { reportJob, setOutputs, type Seldom } from './report.ts';
import type { Step } from './step.ts';
import { stopReasons } from './stop.ts';

export type Followed = { step: Step; jobs: Jobs; reply: Seldom | undefined };

/** Follows a job to the end of the step, and tells of it. @returns the step's exit code */
export const followToEnd = async (id: string, followed: Followed): Promise<number> => {
  const { step, jobs, reply } = followed;
  const { inputs, stop } = step;
  if (inputs.wait) keep(id);
  const line = progressLines();
  const last = await follow(id, {
    jobs,
    wait: inputs.wait,
    stop: stop.signal,
    tell: warning,
    see: async (job) => {
      line(job);
      await reply?.show(job);
    },
  });
  const { end } = lookOf(last.state);
  if (inputs.wait && end === undefined && last.state !== 'waiting') return leave(last, followed);
  // What is done after a cancel must not reach a job that this step has left to itself.
  if (inputs.wait && end === undefined) letGo(id);
  await reply?.close(last);
  await reportJob(last, jobs);
  return end === 'badly' ? 1 : 0;
};

/** The step ends before its job: that is canceled, or goes on by itself. */
const leave = async (last: Job, { step, jobs, reply }: Followed): Promise<number> => {
  const { inputs, runner, stop } = step;
  const cause = stop.cause() ?? 'canceled';
  const why = cause === 'time' ? 'the time is up' : 'the workflow is canceled';
  const told = inputs['cancel-on-abort'] ? await cancel(last.id, runner.triggeringActor, jobs) : 'goes on';
  warning(`${last.id} ${told}: ${why}.`);
  const seen = (await jobs.get(last.id).catch(() => undefined)) ?? last;
  await reportJob(seen, jobs);
  if (lookOf(seen.state).end === undefined) setOutputs({ reason: stopReasons[cause] });
  await reply?.close(seen);
  return 1;
};

/** How long a cancel is tried again, in milliseconds: the runner ends a canceled step after 10 s. */
const grace = 5_000;

const cancel = async (id: string, by: string, jobs: Jobs): Promise<string> => {
  const patience = { stop: AbortSignal.timeout(grace), tell: warning };
  const answer = await persistently(() => jobs.cancel(id, by), patience);
  return answer === 'accepted' ? 'is canceled' : answer === 'ended' ? 'has ended' : 'is not known';
};
