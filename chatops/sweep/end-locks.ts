import * as v from 'valibot';
import type { Lock, Locks } from '../../compute/client/index.ts';
import { request, toOwnerAndRepo, unlessGone, type Octokit } from '../github/api-client.ts';
import { toScope, type Repository } from '../incoming-comment.ts';

/** The maximum number of threads of a repository that are checked at once. */
const maxThreads = 20;

const ThreadState = v.object({ state: v.string() });

type EndLocksOptions = {
  host: string;
  repository: Repository;
  octokit: Octokit;
  locks: Pick<Locks, 'list' | 'endWithThread'>;
};

/**
 * Releases the locks of a repository that end with a thread, if the thread is closed: the event may have been lost. Asks GitHub only about
 * threads with such locks. Returns the keys of the released locks, and the number of threads with such locks.
 */
export const endLocksOfClosedThreads = async ({
  host,
  repository,
  octokit,
  locks,
}: EndLocksOptions): Promise<{ released: string[]; threads: number }> => {
  const scope = toScope({ host, thread: { repository } });
  const released: string[] = [];
  const threads = findThreads(await locks.list(scope));
  for (const [thread, takenBefore] of [...threads].slice(0, maxThreads))
    if (await isClosed(octokit, repository, thread))
      released.push(...(await locks.endWithThread({ scope, thread, takenBefore })));
  return { released, threads: threads.size };
};

/** Returns the threads with which locks end, each with the time at which the newest of them was taken. */
const findThreads = (locks: readonly Lock[]): Map<number, string> => {
  const threads = new Map<number, string>();
  for (const { holders } of locks)
    for (const holder of holders) {
      const thread = holder.kind === 'person' ? holder.end?.thread : undefined;
      if (thread === undefined || thread === null) continue;
      const before = threads.get(thread);
      if (before === undefined || before < holder.since) threads.set(thread, holder.since);
    }
  return threads;
};

/** Returns whether a thread is closed, or was deleted or moved. */
const isClosed = async (octokit: Octokit, { name }: Repository, thread: number): Promise<boolean> => {
  const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}';
  const parameters = { ...toOwnerAndRepo(name), issue_number: thread };
  const found = await unlessGone(() => request(octokit, ThreadState, route, parameters));
  return found === undefined || found.state === 'closed';
};
