import { spoken } from '../command/index.ts';
import {
  claimantOf,
  isFollowedBy,
  isJobOf,
  jobIdOf,
  jobOfRepository,
  jobRequest,
  queuedJob,
  type StartOrder,
} from '../job/index.ts';
import * as say from '../reply/answers/index.ts';
import { scopeOf } from '../scope.ts';
import { refused, type Outcome, type Visit } from '../command-context.ts';
import { planOf } from './plan-job.ts';

/**
 * Starts the job of a command once. If the job exists, in any state, the command is not checked against the current rules and
 * catalogue again. For any other job with the same id, the orchestrator compares the whole request.
 */
export const start = async (order: StartOrder, visit: Visit): Promise<Outcome> => {
  const known = await knownJob(order, visit);
  if (known) return known;
  const planned = await planOf(order, visit, true);
  if ('says' in planned) return planned;
  const request = jobRequest(order, visit.comment, planned);
  const answer = await visit.ports.jobs.start(request);
  const { command } = planned.plan;
  if (answer.outcome === 'conflict') return idTaken(command, request.jobId, planned.hash, visit);
  const kept = { request: planned.hash };
  if ('problem' in answer)
    return refused(say.notStarted(command, answer), answer.problem.code, {
      ...kept,
      allowed: true,
    });
  if (answer.outcome === 'known') {
    const elsewhere = await startedElsewhere(command, answer.id, visit);
    if (elsewhere) return { ...elsewhere, ...kept };
  }
  return {
    says: { kind: 'job', job: queuedJob({ ...request, jobId: answer.id }) },
    allowed: true,
    reason: 'allowed',
    outcome: answer.outcome,
    ...kept,
    job: answer.id,
  };
};

/**
 * The answer to a command whose very job somebody else has started, whose jobs nobody here follows: a reply that shows it would
 * stay as it is.
 */
const startedElsewhere = async (
  command: string,
  id: string,
  { ports, grammar }: Visit,
): Promise<Outcome | undefined> => {
  const job = await ports.jobs.get(id);
  const claimant = job && claimantOf(job);
  if (!claimant || (isFollowedBy(job, ports.entry.name) && job.origin.command === command)) return undefined;
  const told = { id, by: claimant, status: spoken(`/status ${id}`, grammar) };
  return refused(say.startedElsewhere(command, told), 'started-elsewhere', { allowed: true, job: id });
};

/** Refuses a command whose job id another job of the repository has. */
const idTaken = async (
  command: string,
  id: string,
  request: string,
  { comment, ports }: Visit,
): Promise<Outcome> => {
  const job = await jobOfRepository(comment, id, ports.jobs);
  return refused(say.idTaken(command, job, comment.event.kind === 'run'), 'id-taken', {
    allowed: true,
    request,
    job: id,
  });
};

/** The answer to a command whose job is there already. */
export const knownJob = async (
  { command }: Pick<StartOrder, 'command'>,
  { comment, ports }: Visit,
): Promise<Outcome | undefined> => {
  const job = await ports.jobs.get(jobIdOf(command, comment), scopeOf(comment));
  if (!job || !isJobOf(job, command, comment)) return undefined;
  return { says: { kind: 'job', job }, allowed: true, reason: 'known', outcome: 'known', job: job.id };
};
