import { withPrefix } from '../command/index.ts';
import {
  getUntrustedCaller,
  isFollowedBy,
  isJobOfCommand,
  deriveJobId,
  findJob,
  buildJobRequest,
  buildQueuedJob,
  type StartOrder,
} from '../job/index.ts';
import * as say from '../reply/answers/index.ts';
import { toScope } from '../scope.ts';
import { refuse, type CommandOutcome, type CommandContext } from '../command-context.ts';
import { planJob } from './plan-job.ts';

/**
 * Starts the job of a command once. If the job exists, in any state, the command is not checked against the current rules and
 * catalogue again. For any other job with the same id, the orchestrator compares the whole request.
 */
export const startJob = async (order: StartOrder, visit: CommandContext): Promise<CommandOutcome> => {
  const known = await findKnownJob(order, visit);
  if (known) return known;
  const planned = await planJob(order, visit, true);
  if ('says' in planned) return planned;
  const request = buildJobRequest(order, visit.comment, planned);
  const answer = await visit.ports.jobs.start(request);
  const { command } = planned.plan;
  if (answer.outcome === 'conflict') return refuseTakenId(command, request.jobId, planned.hash, visit);
  const kept = { request: planned.hash };
  if ('problem' in answer)
    return refuse(say.renderNotStarted(command, answer), answer.problem.code, {
      ...kept,
      allowed: true,
    });
  if (answer.outcome === 'known') {
    const elsewhere = await refuseStartedElsewhere(command, answer.id, visit);
    if (elsewhere) return { ...elsewhere, ...kept };
  }
  return {
    says: { kind: 'job', job: buildQueuedJob({ ...request, jobId: answer.id }) },
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
const refuseStartedElsewhere = async (
  command: string,
  id: string,
  { ports, grammar }: CommandContext,
): Promise<CommandOutcome | undefined> => {
  const job = await ports.jobs.get(id);
  const claimant = job && getUntrustedCaller(job);
  if (!claimant || (isFollowedBy(job, ports.entry.name) && job.origin.command === command)) return undefined;
  const told = { id, by: claimant, status: withPrefix(`/status ${id}`, grammar) };
  return refuse(say.renderStartedElsewhere(command, told), 'started-elsewhere', { allowed: true, job: id });
};

/** Refuses a command whose job id another job of the repository has. */
const refuseTakenId = async (
  command: string,
  id: string,
  request: string,
  { comment, ports }: CommandContext,
): Promise<CommandOutcome> => {
  const job = await findJob(comment, id, ports.jobs);
  return refuse(say.renderIdTaken(command, job, comment.event.kind === 'run'), 'id-taken', {
    allowed: true,
    request,
    job: id,
  });
};

/** The answer to a command whose job is there already. */
export const findKnownJob = async (
  { command }: Pick<StartOrder, 'command'>,
  { comment, ports }: CommandContext,
): Promise<CommandOutcome | undefined> => {
  const job = await ports.jobs.get(deriveJobId(command, comment), toScope(comment));
  if (!job || !isJobOfCommand(job, command, comment)) return undefined;
  return { says: { kind: 'job', job }, allowed: true, reason: 'known', outcome: 'known', job: job.id };
};
