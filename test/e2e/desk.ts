import { readMarker } from '../../chatops/reply/index.ts';
import { httpLeases, type Job } from '../../compute/client/index.ts';
import type { Comment } from '../../cli/thread/github.ts';
import { until, type LocalPlatform } from './local-platform.ts';

/** What people do on the first issue of a platform, each under their own name. */
export type Desk = {
  write(login: string, body: string): Promise<Comment>;
  edit(login: string, comment: Comment, body: string): Promise<void>;
  remove(login: string, comment: Comment): Promise<void>;
  /** Replaces the policy, by a commit on the default branch. */
  decree(policy: string): Promise<void>;
  /** Everything on the thread, oldest first. */
  thread(): Promise<Comment[]>;
  /** The comment's one reply, as soon as it says so. @throws Error if there are two, or after a minute */
  reply(comment: Comment, says: RegExp): Promise<string>;
  reactions(comment: Comment): Promise<string[]>;
  /** The jobs that a comment asked for. */
  jobs(comment: Pick<Comment, 'id'>): Promise<Job[]>;
  /** The job that a comment asked for, as soon as it is so. */
  job(comment: Comment, state: Job['state']): Promise<Job>;
  /**
   * Kills the bot when it has done what a comment asks for, and before it has replied: until then the right to reply is somebody
   * else's.
   * @param comment its id
   * @param write writes the comment, or changes it
   */
  killBeforeReply<T>(comment: number, write: () => Promise<T>): Promise<T>;
};

export const deskOf = (platform: LocalPlatform): Desk => {
  const call = async <T>(login: string, method: string, path: string, body?: object): Promise<T> => {
    const { github } = await platform.file();
    const token = github.users.find((user) => user.login === login)?.token ?? '';
    const response = await fetch(`${github.url}/api/v3/repos/${github.repository}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
  const first = async (): Promise<string> => `/issues/${(await platform.file()).github.issue}`;
  const thread = async (): Promise<Comment[]> =>
    call('mona', 'GET', `${await first()}/comments?per_page=100`);
  const jobs: Desk['jobs'] = async ({ id }) =>
    (await (await platform.jobs()).page({ top: 500 })).jobs.filter(({ origin }) => origin.comment?.id === id);

  return {
    thread,
    jobs,
    write: async (login, body) => call(login, 'POST', `${await first()}/comments`, { body }),
    edit: (login, { id }, body) => call(login, 'PATCH', `/issues/comments/${id}`, { body }),
    remove: (login, { id }) => call(login, 'DELETE', `/issues/comments/${id}`),
    decree: async (policy) => {
      const path = '/contents/.github/coxswain.yml';
      const { sha } = await call<{ sha: string }>('mona', 'GET', path);
      const content = Buffer.from(policy).toString('base64');
      await call('mona', 'PUT', path, { message: 'Another policy', sha, content });
    },
    reply: (comment, says) =>
      until(`a reply to "${comment.body}" that says ${says}`, async () => {
        const replies = (await thread()).filter(({ body }) => readMarker(body)?.comment === comment.id);
        if (replies.length > 1) throw new Error(`Two replies to "${comment.body}"`);
        return replies.map(({ body }) => body).find((body) => says.test(body));
      }),
    reactions: async ({ id }) =>
      (await call<{ content: string }[]>('mona', 'GET', `/issues/comments/${id}/reactions`)).map(
        ({ content }) => content,
      ),
    job: (comment, state) =>
      until(`${state}: ${comment.body}`, async () =>
        (await jobs(comment)).find((job) => job.state === state),
      ),
    killBeforeReply: async (comment, write) => {
      const leases = httpLeases((await platform.file()).orchestrator);
      const { id } = await call<{ id: number }>('mona', 'GET', '');
      const name = `reply/127.0.0.1/${id}/${comment}`;
      await until('the right to reply', () => leases.take(name, 'nobody', 60));
      const before = platform.said().length;
      const written = await write();
      // What was decided is done by the time it stands in the audit.
      await until('the decision', async () =>
        platform.said().slice(before).includes(`"comment":${comment}}`),
      );
      await until('the bot', () => platform.kill('bot'));
      await leases.release(name, 'nobody');
      return written;
    },
  };
};
