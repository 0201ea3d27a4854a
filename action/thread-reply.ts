import { createHash } from 'node:crypto';
import type { PostedReply, Thread, Visibility } from '../chatops/github/ports.ts';
import type { ThreadRef } from '../chatops/incoming-comment.ts';
import { refreshReply, updateReply } from '../chatops/reply/render-reply.ts';
import type { Job } from '../compute/client/index.ts';
import { buildRetryOptions, retry } from './retry.ts';
import { withReplyLease, type ActionThreadPorts } from './ports.ts';
import { setOutputs } from './report/report-job.ts';
import { throttleReply, warnOnError, type ThrottledReply } from './report/throttled-reply.ts';
import type { RunnerContext } from './step/runner-context.ts';
import type { ActionStep } from './step/step.ts';

/** The reply that a step keeps in the thread that `reply-to` names. */
type ThreadReply = ThrottledReply & { refuse(markdown: string): Promise<void> };

export const createThreadReply = (
  where: { host: string; thread: ThreadRef },
  ports: ActionThreadPorts,
  { runner, stop }: Pick<ActionStep, 'runner' | 'stop'>,
): ThreadReply => {
  const { number, repository } = where.thread;
  let reply: PostedReply | undefined;
  const setReplyUrl = (posted: PostedReply): void =>
    setOutputs({ 'reply-url': getReplyUrl(runner, number, posted) });
  const writeReply = async (job: Job): Promise<void> => {
    const known = reply;
    // If this fails, it may be gone: then it is looked for.
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
    ...throttleReply(writeReply, stop),
    // Nothing recovers the reply. After other faults, it is unknown whether it was written.
    refuse: (markdown) =>
      warnOnError(() =>
        retry(() => refuse(markdown), { ...buildRetryOptions(stop), grace: AbortSignal.abort() }),
      ),
  };
};

/** A reply's address for people. */
export const getReplyUrl = ({ page }: RunnerContext, number: number, { id }: PostedReply): string =>
  `${page}/issues/${number}#issuecomment-${id}`;

/** The reply that shows a workflow's job, if there is one. */
export const findJobReply = ({ id, createdAt }: Job, thread: Thread): Promise<PostedReply | undefined> =>
  thread.findOurs(createdAt, ({ jobs, notice }) => notice === undefined && jobs.includes(id));

/** Brings the reply that shows a workflow's job up to date, or creates it. @param known as it was seen last */
export const syncJobReply = async (
  job: Job,
  known: PostedReply | undefined,
  repository: ThreadRef['repository'],
  { thread, visibility }: { thread: Thread; visibility: Visibility },
): Promise<PostedReply> => {
  const reply = known ?? (await findJobReply(job, thread));
  const isPublic = await visibility.isPublic(repository);
  const { body, changed } = refreshReply(reply?.body, { comment: 0, jobs: [job], isPublic });
  if (!reply) return thread.create(body);
  if (changed) await thread.edit(reply.id, body);
  return { id: reply.id, body };
};
