import type { Job } from '../../compute/client/index.ts';
import { withPrefix } from '../command/index.ts';
import { cancelJob, hadEndedBefore, findJob, listThreadJobs } from '../job/index.ts';
import * as say from '../reply/answers/index.ts';
import { answerWith, refuse, type CommandOutcome, type CommandContext } from '../command-context.ts';
import { requireJobPermission } from './require-permission.ts';

/** `/cancel`: stops the job that is named, or the only one of the thread that had not ended when this was written. */
export const cancel = async (id: string | undefined, visit: CommandContext): Promise<CommandOutcome> => {
  const meant = await findJobToCancel(id, visit);
  if ('says' in meant) return meant;
  const denied = await requireJobPermission('/cancel', meant, visit);
  if (denied) return denied;
  const done = await cancelJob(visit.comment, meant, visit.ports.jobs);
  const more = { job: meant.id };
  return done.outcome === 'stopping'
    ? answerWith(say.renderCancellation(done), 'canceled', { ...more, moves: [meant.id] })
    : refuse(say.renderCancellation(done), 'ended', { ...more, allowed: true });
};

const findJobToCancel = async (
  id: string | undefined,
  visit: CommandContext,
): Promise<Job | CommandOutcome> => {
  const { comment, ports } = visit;
  if (id !== undefined) {
    const job = await findJob(comment, id, ports.jobs);
    return job ?? refuse(say.renderCancellation({ outcome: 'not-found', id }), 'not-found');
  }
  const running = (await listThreadJobs(comment, ports.jobs)).filter((job) => !hadEndedBefore(job, comment));
  const [only] = running;
  if (!only) return refuse(say.renderCancellation({ outcome: 'nothing-runs' }), 'nothing-fits');
  return running.length === 1
    ? only
    : refuse(say.renderAmbiguousJob(withPrefix('/cancel', visit.grammar), running), 'several-fit');
};
