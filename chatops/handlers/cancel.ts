import type { Job } from '../../compute/client/index.ts';
import type { CommandContext } from '../command-context.ts';
import { answerWith, failWith, refuse, type Refusal } from '../command-outcome.ts';
import { withPrefix } from '../command/index.ts';
import { cancelJob, hadEndedBefore, listThreadJobs } from '../job/index.ts';
import * as answers from '../reply/answers/index.ts';
import { succeed, type Result } from '../result.ts';
import type { Handler } from './handler.ts';
import { findNamedJob } from './named-job.ts';
import { requireJobPermission } from './require-permission.ts';

/** `/cancel`: stops a job; without a job id, the only job of the thread that had not ended when the comment was written. */
export const cancel: Handler<'cancel'> = async ({ intent }, context) => {
  const found =
    intent.job === undefined
      ? await findJobToCancel(context)
      : await findNamedJob('/cancel', intent.job, context);
  if (!found.ok) return found.refusal;
  const { value: job } = found;
  const denied = await requireJobPermission('/cancel', job, context);
  if (denied) return denied;
  const canceled = await cancelJob(context.comment, job, context.ports.jobs);
  const text = answers.renderCancellation(canceled);
  return canceled.outcome === 'stopping'
    ? answerWith(text, 'canceled', { job: job.id, moves: [job.id] })
    : refuse(text, 'ended', { job: job.id, allowed: true });
};

const findJobToCancel = async ({
  comment,
  ports,
  grammar,
}: CommandContext): Promise<Result<Job, Refusal>> => {
  const running = (await listThreadJobs(comment, ports.jobs)).filter((job) => !hadEndedBefore(job, comment));
  const [only, ...others] = running;
  if (!only) return failWith(answers.renderCancellation({ outcome: 'nothing-runs' }), 'nothing-fits');
  return others.length === 0
    ? succeed(only)
    : failWith(answers.renderAmbiguousJob(withPrefix('/cancel', grammar), running), 'several-fit');
};
