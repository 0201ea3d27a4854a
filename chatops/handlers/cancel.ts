import type { Job } from '../../compute/client/index.ts';
import { spoken } from '../command/index.ts';
import { cancelJob, endedBefore, jobOfRepository, jobsOfThread } from '../job/index.ts';
import * as say from '../reply/answers/index.ts';
import { answered, refused, type Outcome, type Visit } from '../command-context.ts';
import { mustOwn } from './require-permission.ts';

/** `/cancel`: stops the job that is named, or the only one of the thread that had not ended when this was written. */
export const cancel = async (id: string | undefined, visit: Visit): Promise<Outcome> => {
  const meant = await meantBy(id, visit);
  if ('says' in meant) return meant;
  const denied = await mustOwn('/cancel', meant, visit);
  if (denied) return denied;
  const done = await cancelJob(visit.comment, meant, visit.ports.jobs);
  const more = { job: meant.id };
  return done.outcome === 'stopping'
    ? answered(say.canceled(done), 'canceled', { ...more, moves: [meant.id] })
    : refused(say.canceled(done), 'ended', { ...more, allowed: true });
};

const meantBy = async (id: string | undefined, visit: Visit): Promise<Job | Outcome> => {
  const { comment, ports } = visit;
  if (id !== undefined) {
    const job = await jobOfRepository(comment, id, ports.jobs);
    return job ?? refused(say.canceled({ outcome: 'not-found', id }), 'not-found');
  }
  const running = (await jobsOfThread(comment, ports.jobs)).filter((job) => !endedBefore(job, comment));
  const [only] = running;
  if (!only) return refused(say.canceled({ outcome: 'nothing-runs' }), 'nothing-fits');
  return running.length === 1
    ? only
    : refused(say.candidates(spoken('/cancel', visit.grammar), running), 'several-fit');
};
