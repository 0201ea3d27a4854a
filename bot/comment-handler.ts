import type { Audit } from '../chatops/audit.ts';
import { mayContainCommand, type SecondReader } from '../chatops/command/index.ts';
import type { CommandPorts, ReaderAdmission } from '../chatops/command-context.ts';
import type { CodeOwners, Permissions, PolicyLoader, Visibility } from '../chatops/github/ports.ts';
import { handleComment, postReply, type CommentResult } from '../chatops/handle-comment.ts';
import { handleMissedComment } from '../chatops/handle-missed-comment.ts';
import type { CommentEntry } from '../chatops/lease/comment-claim.ts';
import type { ReplyLease, WriteGuard } from '../chatops/lease/reply-lease.ts';
import { foldEarlierAnswers } from '../chatops/reply-sync/fold-answers.ts';
import { createFencedThread } from '../chatops/reply-sync/fenced-thread.ts';
import { toScope } from '../chatops/incoming-comment.ts';
import type { Jobs, Locks } from '../compute/client/index.ts';
import type { GitHubPortsFactory } from './github-ports.ts';
import { toThreadBudget } from './rate-limit/thread-budget.ts';
import type { WriteBudget } from './rate-limit/write-budget.ts';
import { toAdmissionSubject, type AdmissionControl } from './server/admission-control.ts';
import type { CommentHandler } from './server/comment-intake.ts';
import type { ReceivedComment } from './server/webhook-events.ts';
import type { Tracker } from './tracker/tracker.ts';

/** The parts that handle comments. */
type CommentHandlerDependencies = {
  threads: GitHubPortsFactory;
  jobs: Jobs;
  locks: Locks;
  audit: Audit;
  budget: WriteBudget;
  entry: CommentEntry;
  admissions: AdmissionControl;
  secondReader: { read: SecondReader };
  replyLease: ReplyLease;
};

/** Returns what the comment intake does with each comment. The tracker keeps its replies up to date afterwards. */
export const createCommentHandler = (
  dependencies: CommentHandlerDependencies,
  tracker: Pick<Tracker, 'expectJob' | 'wake' | 'takeOver'>,
): CommentHandler => {
  const { admissions, replyLease } = dependencies;
  const admit = async <T>(
    comment: ReceivedComment,
    handle: (ports: CommandPorts) => Promise<T>,
  ): Promise<T | 'held' | undefined> => {
    if (!mayContainCommand(comment.comment.body)) return undefined;
    tracker.expectJob();
    return admissions.run(comment, () => handle(createCommandPorts(comment, dependencies)));
  };
  const foldAnswers = (comment: ReceivedComment, reads: CommentResult['reads']): Promise<void> =>
    foldEarlierAnswers(comment, reads, {
      thread: createCommandPorts(comment, dependencies).thread,
      withReplyLease: (answered, work) =>
        replyLease.withReplyLease(toScope(comment), answered, (fence) =>
          work(createCommandPorts(comment, dependencies, { fence, toReader: false }).thread),
        ),
    });
  return {
    handle: (comment) => admit(comment, (ports) => handleComment(comment, ports)),
    handleMissed: (comment) => admit(comment, (ports) => handleMissedComment(comment, ports)),
    postReply: (comment, result) =>
      replyLease.withReplyLease(toScope(comment), comment.comment.id, (fence) =>
        postReply(
          comment,
          result,
          createCommandPorts(comment, dependencies, { fence, toReader: result.toReader }),
        ),
      ),
    onJobsStarted: () => tracker.wake(),
    onReplied: async (comment, isWritten, { reads, toReader }) => {
      admissions.finish(comment, isWritten);
      tracker.takeOver(comment.comment.id);
      // Readers are limited in their calls; an answer that stays unfolded does no harm.
      if (isWritten && !toReader) await foldAnswers(comment, reads).catch(() => {});
    },
    onUnanswered: (comment) => admissions.finish(comment, false),
    isWaiting: (comment) => admissions.isWaiting(comment),
    waitForReaderTurn: (comment) => admissions.waitUntilQueueEmpty(comment.installation),
  };
};

/** How a reply is written. `fence`: called right before each write; `toReader`: its writes are charged to the author. */
type ReplyWriting = { fence: WriteGuard; toReader: boolean };

/** The maximum number of GitHub calls of `CodeOwners.hasPolicyOwner`. */
export const callsPerCodeOwnersLookup = 3;

/** The approximate number of API calls of each lookup: a person who is not in a team costs two, and a list is read in pages. */
const callsPerLookup = {
  level: 1,
  membership: 2,
  policy: 1,
  owners: callsPerCodeOwnersLookup,
  visibility: 1,
  search: 2,
};

/**
 * Returns the ports for handling a comment. Lookups and writes are charged to the author until the author is known to
 * have permissions.
 */
const createCommandPorts = (
  comment: ReceivedComment,
  { threads, jobs, locks, audit, budget, entry, admissions, secondReader }: CommentHandlerDependencies,
  { fence, toReader }: ReplyWriting = { fence: () => {}, toReader: false },
): CommandPorts => {
  const subject = toAdmissionSubject(comment);
  const { installation, repository } = subject;
  const charge = (count: number) => admissions.charge(subject, count);
  const { permissions, policies, codeOwners, visibility, files, thread } = threads.forThread(comment);
  const target = { installation, repository, ...(toReader ? { person: subject.person } : {}) };
  const limits = toThreadBudget(budget, target);
  return {
    ...chargeReads({ permissions, policies, codeOwners, visibility }, charge),
    thread: createFencedThread(thread, {
      fence,
      budget: { ...limits, search: (search) => (charge(callsPerLookup.search), limits.search(search)) },
    }),
    files,
    jobs,
    locks,
    audit,
    entry,
    secondReader: secondReader.read,
    admission: toAdmission(comment, admissions),
  };
};

type ChargedPorts = {
  permissions: Permissions;
  policies: PolicyLoader;
  codeOwners: CodeOwners;
  visibility: Visibility;
};

const chargeReads = (
  { permissions, policies, codeOwners, visibility }: ChargedPorts,
  charge: (count: number) => void,
): ChargedPorts => ({
  permissions: {
    getLevel: (repository, person) => (
      charge(callsPerLookup.level),
      permissions.getLevel(repository, person)
    ),
    getMembership: (team, person) => (
      charge(callsPerLookup.membership),
      permissions.getMembership(team, person)
    ),
  },
  policies: { load: (repository) => (charge(callsPerLookup.policy), policies.load(repository)) },
  codeOwners: {
    hasPolicyOwner: (repository, commit) => (
      charge(callsPerLookup.owners),
      codeOwners.hasPolicyOwner(repository, commit)
    ),
  },
  visibility: {
    isPublic: (repository) => (charge(callsPerLookup.visibility), visibility.isPublic(repository)),
  },
});

const toAdmission = (comment: ReceivedComment, admissions: AdmissionControl): ReaderAdmission => ({
  admits: (isReader) => admissions.recordPermissions(comment, isReader),
  claimsAnswer: (key) => admissions.claimsAnswer(key, comment),
});
