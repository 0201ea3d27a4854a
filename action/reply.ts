import { createHash } from 'node:crypto';
import { setOutput } from '@actions/core';
import type { PostedReply } from '../chatops/github/port.ts';
import { refreshReply, updateReply } from '../chatops/reply/index.ts';
import type { Job } from '../compute/client/index.ts';
import type { GitHubPorts } from './github.ts';
import { seldom, tried, type Seldom } from './report.ts';
import type { Runner } from './runner.ts';

/** The reply that a step keeps in the thread that `reply-to` names. */
type ThreadReply = Seldom & { refuse(markdown: string): Promise<void> };

export const threadReply = (
  { thread, visibility }: Pick<GitHubPorts, 'thread' | 'visibility'>,
  { repository, run, page }: Runner,
  number: number,
): ThreadReply => {
  let reply: PostedReply | undefined;
  const write = async (body: string): Promise<void> => {
    if (reply) await thread.edit(reply.id, body);
    else reply = await thread.create(body);
    reply = { id: reply.id, body };
  };
  const tellWhere = (): void => {
    if (reply) setOutput('reply-url', `${page}/issues/${number}#issuecomment-${reply.id}`);
  };
  const put = async (job: Job): Promise<void> => {
    reply ??= await thread.findOurs(job.createdAt, ({ jobs, notice }) => !notice && jobs.includes(job.id));
    const isPublic = await visibility.isPublic(repository);
    const { body, changed } = refreshReply(reply?.body, { comment: 0, jobs: [job], isPublic });
    if (changed) await write(body);
    tellWhere();
  };
  const refuse = async (markdown: string): Promise<void> => {
    const key = createHash('sha256').update(`${run.id} ${run.job} ${run.step}`).digest('hex').slice(0, 8);
    const section = { kind: 'refusal', markdown, key, index: 0 } as const;
    const isPublic = await visibility.isPublic(repository);
    await write(updateReply(undefined, { comment: 0, sections: [section], isPublic, keep: 'jobs' }).body);
    tellWhere();
  };
  return { ...seldom(put), refuse: (markdown) => tried(() => refuse(markdown)) };
};
