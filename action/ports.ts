import type { CommentId } from '../contracts/comment-id.ts';
import { randomUUID } from 'node:crypto';
import type { CommentResult } from '../chatops/handle-comment.ts';
import type { ReplySyncPorts } from '../chatops/reply-sync/sync-reply.ts';
import type { Thread } from '../chatops/github/ports.ts';
import { type IncomingComment, type ThreadRef, toScope } from '../chatops/incoming-comment.ts';
import { createEntry } from '../chatops/lease/comment-claim.ts';
import { foldEarlierAnswers } from '../chatops/reply-sync/fold-answers.ts';
import { createFencedThread } from '../chatops/reply-sync/fenced-thread.ts';
import { ReplyLease } from '../chatops/lease/reply-lease.ts';
import { createStepClaims, type StepClaims } from '../chatops/lease/step-claim.ts';
import type { CommandPorts } from '../chatops/command-context.ts';
import { createHttpJobs, createHttpLeases, createHttpLocks } from '../compute/client/index.ts';
import { trackStartedJobs } from './follow/post-state.ts';
import { createSecondReader } from './comment/second-reader.ts';
import { openGitHub, type ActionGitHub } from './github.ts';
import { getOrchestratorOptions } from './orchestrator/orchestrator-options.ts';
import { printUntrustedGroup, warning } from './report/log.ts';
import type { ActionStep } from './step/step.ts';

/** Everything that a step uses of GitHub and the orchestrator. */
export type ActionPorts = ActionGitHub &
  Omit<CommandPorts, 'thread'> &
  Pick<ReplySyncPorts, 'onRefused'> & {
    replyLease: ReplyLease;
    steps: StepClaims;
    /** The ids of comments that the app has claimed. */
    answeredByApp: ReadonlySet<CommentId>;
  };

/** The same, with one thread. */
export type ActionThreadPorts = ActionPorts & { thread: Thread };

/** Opens GitHub and the orchestrator with the step's inputs. Audit entries are written to the log of the run. @throws InputError */
export const openPorts = async ({
  inputs,
  environment,
  deadline,
  trackedJobs,
}: ActionStep): Promise<ActionPorts> => {
  const orchestrator = await getOrchestratorOptions(inputs, environment, deadline.createCallSignal);
  const leases = createHttpLeases(orchestrator);
  const answeredByApp = new Set<CommentId>();
  const jobs = createHttpJobs(orchestrator);
  // A sweep does not follow the jobs that it starts.
  const isFollowed = inputs.wait && inputs.mode !== 'sweep';
  return {
    ...openGitHub(inputs, deadline.createCallSignal),
    jobs: isFollowed ? trackStartedJobs(jobs, trackedJobs) : jobs,
    locks: createHttpLocks(orchestrator),
    entry: createEntry('action', leases, ({ comment }) => answeredByApp.add(comment.id)),
    answeredByApp,
    secondReader: createSecondReader(),
    steps: createStepClaims(leases),
    replyLease: new ReplyLease({ leases, holder: `action-${randomUUID()}`, stopping: deadline.signal }),
    onRefused: (what, cause) => warning(`GitHub refused a ${what}: ${(cause as Error).message}`),
    audit: { record: (entry) => printUntrustedGroup('Audit', JSON.stringify(entry)) },
  };
};

export const toThreadPorts = (thread: ThreadRef, ports: ActionPorts): ActionThreadPorts => ({
  ...ports,
  thread: ports.at(thread),
});

/** Folds earlier answers after a reply to a comment was posted. Ignores failures: an answer that stays unfolded does no harm. */
export const foldAnswers = async (
  comment: IncomingComment,
  { reads, toReader }: CommentResult,
  ports: ActionThreadPorts,
): Promise<void> => {
  if (toReader) return;
  await foldEarlierAnswers(comment, reads, {
    thread: ports.thread,
    withReplyLease: (answered, work) =>
      withReplyLease(comment, answered, ports, ({ thread }) => work(thread)),
  }).catch(() => {});
};

/** Runs `work` under the lease of one reply: the reply to a comment, or the reply that shows a workflow's job. */
export const withReplyLease = <T>(
  where: Pick<IncomingComment, 'host' | 'thread'>,
  subject: number | string,
  ports: ActionThreadPorts,
  work: (ports: ActionThreadPorts) => Promise<T>,
): Promise<T> =>
  ports.replyLease.withReplyLease(toScope(where), subject, (held) =>
    work({ ...ports, thread: createFencedThread(ports.thread, { fence: held }) }),
  );
