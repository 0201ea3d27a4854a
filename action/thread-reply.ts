import { createHash } from 'node:crypto';
import type { PostedReply } from '../chatops/github/ports.ts';
import type { ThreadRef } from '../chatops/incoming-comment.ts';
import { syncJobReply } from '../chatops/reply-sync/sync-reply.ts';
import { updateReply } from '../chatops/reply/render-reply.ts';
import type { Job } from '../compute/client/index.ts';
import { buildRetryOptions, retryCall } from './retry.ts';
import { withReplyLease, type ActionThreadPorts } from './ports.ts';
import { setOutputs } from './report/outputs.ts';
import { throttleReply, warnOnError, type ThrottledReply } from './report/throttled-reply.ts';
import type { RunnerContext } from './step/runner-context.ts';
import type { ActionStep } from './step/step.ts';

/** The reply of a step on the thread that `reply-to` names. */
type ThreadReply = ThrottledReply & { refuse(markdown: string): Promise<void> };

/** Creates the reply of a step; the first write finds or creates it on GitHub. */
export const createThreadReply = (
  where: { host: string; thread: ThreadRef },
  ports: ActionThreadPorts,
  { runner, deadline }: Pick<ActionStep, 'runner' | 'deadline'>,
): ThreadReply => {
  const { number, repository } = where.thread;
  let reply: PostedReply | undefined;
  const setReplyUrl = (posted: PostedReply): void =>
    setOutputs({ 'reply-url': getReplyUrl(runner, number, posted) });
  const writeReply = async (job: Job): Promise<void> => {
    const known = reply;
    // If this fails, the reply may be deleted, so the next write searches for it.
    reply = undefined;
    reply = await withReplyLease(where, job.id, ports, (here) => syncJobReply(job, known, repository, here));
    setReplyUrl(reply);
  };
  const refuse = async (markdown: string): Promise<void> => {
    const key = createHash('sha256')
      .update(`${runner.run.id} ${runner.run.job} ${runner.run.step}`)
      .digest('hex')
      .slice(0, 8);
    const section = { kind: 'refusal', markdown, key, index: 0 } as const;
    const isPublic = await ports.visibility.isPublic(repository);
    const { body } = updateReply(undefined, { comment: 0, sections: [section], isPublic, keep: 'jobs' });
    setReplyUrl(await ports.thread.create(body));
  };
  return {
    ...throttleReply(writeReply, deadline),
    // Nothing recovers the reply. After other faults, it is unknown whether it was written.
    refuse: (markdown) =>
      warnOnError(() =>
        retryCall(() => refuse(markdown), {
          ...buildRetryOptions(deadline),
          graceSignal: AbortSignal.abort(),
        }),
      ),
  };
};

/** Returns the URL of a reply on GitHub's pages. */
export const getReplyUrl = ({ page }: RunnerContext, number: number, { id }: PostedReply): string =>
  `${page}/issues/${number}#issuecomment-${id}`;
