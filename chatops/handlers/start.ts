import { jobIdOf, jobRequest, queuedJob, type StartOrder } from '../job/index.ts';
import * as say from '../reply/answers/index.ts';
import { refused, type Outcome, type Visit } from '../visit.ts';
import { planOf } from './planning.ts';

/**
 * Starts the job of a command, once: a command whose job is known, in whatever state, is not held against rules and catalogue
 * of today again.
 */
export const start = async (order: StartOrder, visit: Visit): Promise<Outcome> => {
  const known = await knownJob(order, visit);
  if (known) return known;
  const planned = await planOf(order, visit, true);
  if ('says' in planned) return planned;
  const request = jobRequest(order, visit.comment, planned);
  const answer = await visit.ports.jobs.start(request);
  const kept = { request: planned.hash, job: request.jobId };
  if ('problem' in answer)
    return refused(say.notStarted(planned.plan.command, answer), answer.problem.code, {
      ...kept,
      allowed: true,
    });
  return {
    says: { kind: 'job', job: queuedJob(request) },
    allowed: true,
    reason: 'allowed',
    outcome: answer.outcome,
    ...kept,
  };
};

/** The answer to a command whose job is there already. */
export const knownJob = async (
  { command }: Pick<StartOrder, 'command'>,
  { comment, ports }: Visit,
): Promise<Outcome | undefined> => {
  const job = await ports.jobs.get(jobIdOf(command, comment));
  return job && { says: { kind: 'job', job }, allowed: true, reason: 'known', outcome: 'known', job: job.id };
};
