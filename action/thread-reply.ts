import { createHash } from 'node:crypto';
import type { PostedReply, Thread, ThreadRef, Visibility } from '../chatops/github/ports.ts';
import { refreshReply, updateReply } from '../chatops/reply/render-reply.ts';
import type { Job } from '../compute/client/index.ts';
import { patienceOf, persistently } from './retry.ts';
import { alone, type ThreadPorts } from './ports.ts';
import { setOutputs } from './report/report-job.ts';
import { seldom, tried, type Seldom } from './report/throttled-reply.ts';
import type { Runner } from './step/runner-context.ts';
import type { Step } from './step/step.ts';

/** The reply that a step keeps in the thread that `reply-to` names. */
type ThreadReply = Seldom & { refuse(markdown: string): Promise<void> };

export const threadReply = (
  where: { host: string; thread: ThreadRef },
  ports: ThreadPorts,
  { runner, stop }: Pick<Step, 'runner' | 'stop'>,
): ThreadReply => {
  const { number, repository } = where.thread;
  let reply: PostedReply | undefined;
  const tellWhere = (posted: PostedReply): void =>
    setOutputs({ 'reply-url': replyPage(runner, number, posted) });
  const put = async (job: Job): Promise<void> => {
    const known = reply;
    // If this fails, it may be gone: then it is looked for.
    reply = undefined;
    reply = await alone(where, job.id, ports, (here) => showJob(job, known, repository, here));
    tellWhere(reply);
  };
  const refuse = async (markdown: string): Promise<void> => {
    const key = createHash('sha256')
      .update(`${runner.run.id} ${runner.run.job} ${runner.run.step}`)
      .digest('hex')
      .slice(0, 8);
    const section = { kind: 'refusal', markdown, key, index: 0 } as const;
    const isPublic = await ports.visibility.isPublic(repository);
    const { body } = updateReply(undefined, { comment: 0, sections: [section], isPublic, keep: 'jobs' });
    tellWhere(await ports.thread.create(body));
  };
  return {
    ...seldom(put, stop),
    // Nothing recovers the reply. After other faults, it is unknown whether it was written.
    refuse: (markdown) =>
      tried(() => persistently(() => refuse(markdown), { ...patienceOf(stop), grace: AbortSignal.abort() })),
  };
};

/** A reply's address for people. */
export const replyPage = ({ page }: Runner, number: number, { id }: PostedReply): string =>
  `${page}/issues/${number}#issuecomment-${id}`;

/** The reply that shows a workflow's job, if there is one. */
export const findShowing = ({ id, createdAt }: Job, thread: Thread): Promise<PostedReply | undefined> =>
  thread.findOurs(createdAt, ({ jobs, notice }) => notice === undefined && jobs.includes(id));

/** Brings the reply that shows a workflow's job up to date, or creates it. @param known as it was seen last */
export const showJob = async (
  job: Job,
  known: PostedReply | undefined,
  repository: ThreadRef['repository'],
  { thread, visibility }: { thread: Thread; visibility: Visibility },
): Promise<PostedReply> => {
  const reply = known ?? (await findShowing(job, thread));
  const isPublic = await visibility.isPublic(repository);
  const { body, changed } = refreshReply(reply?.body, { comment: 0, jobs: [job], isPublic });
  if (!reply) return thread.create(body);
  if (changed) await thread.edit(reply.id, body);
  return { id: reply.id, body };
};
