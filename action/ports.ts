import { randomUUID } from 'node:crypto';
import type { RefreshPorts } from '../chatops/reply-sync/sync-reply.ts';
import type { IncomingComment, Thread, ThreadRef } from '../chatops/github/ports.ts';
import { entryOf } from '../chatops/lease/comment-claim.ts';
import { guardedThread } from '../chatops/reply-sync/fenced-thread.ts';
import { ReplyLease } from '../chatops/lease/reply-lease.ts';
import { stepClaims, type StepClaims } from '../chatops/lease/step-claim.ts';
import { scopeOf } from '../chatops/scope.ts';
import type { ConversationPorts } from '../chatops/command-context.ts';
import { httpJobs, httpLeases, httpLocks } from '../compute/client/index.ts';
import { keeping } from './follow/post-state.ts';
import { secondReader } from './comment/second-reader.ts';
import { githubOf, type GitHub } from './github.ts';
import { orchestratorOf } from './orchestrator/orchestrator-options.ts';
import { printForeignGroup, warning } from './report/log.ts';
import type { Step } from './step/step.ts';

/** All that a step needs of GitHub and of the orchestrator. */
export type Ports = GitHub &
  Omit<ConversationPorts, 'thread'> &
  Pick<RefreshPorts, 'onRefused'> & {
    replyLease: ReplyLease;
    steps: StepClaims;
    /** Comments, by their ids, that turned out to be the app's to answer. */
    left: ReadonlySet<number>;
  };

/** The same, on one thread. */
export type ThreadPorts = Ports & { thread: Thread };

/** GitHub and the orchestrator as the step's inputs open them. The audit is the log of the run. @throws InputError */
export const portsOf = async ({ inputs, environment, stop, kept }: Step): Promise<Ports> => {
  const orchestrator = await orchestratorOf(inputs, environment, stop.call);
  const leases = httpLeases(orchestrator);
  const left = new Set<number>();
  const jobs = httpJobs(orchestrator);
  // What a sweep starts, it leaves to the next one.
  const isFollowed = inputs.wait && inputs.mode !== 'sweep';
  return {
    ...githubOf(inputs, stop.call),
    jobs: isFollowed ? keeping(jobs, kept) : jobs,
    locks: httpLocks(orchestrator),
    entry: entryOf('action', leases, ({ comment }) => left.add(comment.id)),
    left,
    secondReader: secondReader(),
    steps: stepClaims(leases),
    replyLease: new ReplyLease({ leases, holder: `action-${randomUUID()}`, stopping: stop.signal }),
    onRefused: (what, cause) => warning(`GitHub does not take a ${what}: ${(cause as Error).message}`),
    audit: { record: (entry) => printForeignGroup('Audit', JSON.stringify(entry)) },
  };
};

export const onThread = (thread: ThreadRef, ports: Ports): ThreadPorts => ({
  ...ports,
  thread: ports.at(thread),
});

/** Works on the reply to a comment, or on that of a workflow's job, while nobody else writes it. */
export const alone = <T>(
  where: Pick<IncomingComment, 'host' | 'thread'>,
  subject: number | string,
  ports: ThreadPorts,
  work: (ports: ThreadPorts) => Promise<T>,
): Promise<T> =>
  ports.replyLease.withReply(scopeOf(where), subject, (held) =>
    work({ ...ports, thread: guardedThread(ports.thread, held) }),
  );
