import type { Job } from '../../compute/client/index.ts';
import type { CommandContext } from '../command-context.ts';
import { isOriginTrusted, type JobNotes, type JobPlan } from '../job/index.ts';
import { describeRule, getMentions } from '../policy/index.ts';

/** Returns the notes that are stored with a job for later replies. */
export const buildJobNotes = async (
  plan: JobPlan,
  retryOf: Job | undefined,
  { comment, policy, grammar, ports }: CommandContext,
): Promise<JobNotes> => {
  const { work, approval } = plan;
  const { thread, author, threadState } = comment;
  const needsCheckRun = policy.checks && thread.kind === 'pull-request';
  const needsPrefix = grammar.required || grammar.prefix !== 'cox';
  const inputs = work.kind === 'compute' ? work.inputs : null;
  return {
    requester: author.id,
    app: author.kind === 'person-via-app' ? author.app : null,
    policy: plan.policy,
    notify: policy.notify.when,
    check: needsCheckRun ? await ports.files.getPullHead(thread.repository, thread.number) : null,
    approvers: approval && { words: describeRule(approval.from), mentions: getMentions(approval.from) },
    code: approval?.code ?? null,
    prefix: needsPrefix ? grammar.prefix : null,
    retried: retryOf ? getRequestPlace(retryOf) : null,
    // An approver sees the exact form.
    written: approval || plan.written === plan.command ? null : (plan.written ?? null),
    image: work.kind === 'task' ? work.image : null,
    script: work.kind === 'task' ? (work.digests?.script ?? null) : null,
    identity: work.kind === 'task' ? (work.runner?.identity ?? null) : null,
    defaults: plan.parameters
      .filter(({ source }) => source === 'default')
      .map(({ name, value }) => ({ name, value })),
    inputs: inputs && { path: inputs.path, commit: inputs.commit },
    warnings: [...plan.warnings],
    locks: [],
    comments: threadState.comments,
  };
};

/** Returns the thread and the comment that requested a job; null if it has none, or if its origin is only a claim. */
const getRequestPlace = (job: Job): JobNotes['retried'] => {
  const { thread, comment, review } = job.origin;
  if (!thread || !(comment ?? review) || !isOriginTrusted(job)) return null;
  const { number, kind } = thread;
  return {
    thread: { number, kind },
    ...(comment ? { comment: { id: comment.id, createdAt: comment.createdAt } } : {}),
    ...(review ? { review: { id: review.id, createdAt: review.createdAt } } : {}),
  };
};
