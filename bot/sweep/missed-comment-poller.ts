import { LRUCache } from 'lru-cache';
import type { CommentId } from '../../contracts/comment-id.ts';
import { mayContainCommand } from '../../chatops/command/index.ts';
import { isAffiliated, type BotIdentity } from '../../chatops/github/comment.ts';
import type { Thread } from '../../chatops/github/ports.ts';
import type { IncomingComment } from '../../chatops/incoming-comment.ts';
import type { ClaimedComment } from '../../chatops/lease/comment-claim.ts';
import { checkMissedComment, type SweepTarget as AnySpot } from '../../chatops/sweep/check-missed-comment.ts';
import { readMarker } from '../../chatops/reply/render-reply.ts';
import {
  openRecentComments,
  type ListedComment,
  type RecentComments,
} from '../../chatops/sweep/recent-comments.ts';
import type { Logger } from '../../runtime/log.ts';
import type { GitHub } from '../github.ts';
import { systemClock, type Clock } from '../../runtime/async/clock.ts';
import { PollLoop } from '../../runtime/async/poll-loop.ts';
import type { BotMetrics } from '../metrics.ts';
import type { AdmissionControl } from '../server/admission-control.ts';
import type { ReceivedComment } from '../server/webhook-events.ts';
import { listInstallations, listRepositories } from './installations.ts';
import { LockChecks } from './lock-checks.ts';

/** A repository, and the installation that gives us access to it. */
type InstalledRepository = AnySpot & { installation: number };

export type MissedCommentPollerOptions = {
  identity: BotIdentity;
  getThread: (comment: ReceivedComment) => Pick<Thread, 'hasReacted' | 'findReply'>;
  /** Handles a comment like one from a webhook. */
  handleComment: (comment: ReceivedComment, log: Logger) => Promise<unknown>;
  /** Answers that a comment is too old to act on. */
  handleMissed: (comment: ReceivedComment, log: Logger) => Promise<unknown>;
  /** The newest comments that the Action has claimed, by id, as they were received. */
  claimedByAction: Pick<Map<CommentId, IncomingComment>, 'get' | 'delete'>;
  /** Claims such a comment for us. Returns false if an entry has claimed it. */
  takeOverClaim: (comment: ClaimedComment) => Promise<boolean>;
  github: Pick<GitHub, 'app' | 'installation' | 'quotas'>;
  /** The lookup budget for people who are not known to have permissions. */
  admissions: Pick<AdmissionControl, 'isSilenced' | 'hasRoom'>;
  /** Releases the locks of a repository that end with a thread which was closed. Returns whether it has locks that end with a thread. */
  endLocks: (target: InstalledRepository) => Promise<boolean>;
  /** Returns whether this bot is the leader: only the leader sweeps. */
  isLeading: () => boolean;
  /** The interval between sweeps. */
  intervalMilliseconds: number;
  metrics: Pick<BotMetrics, 'missed'>;
  log: Logger;
  clock?: Clock;
};

/** The time that a webhook has to deliver a comment before the sweep handles it. */
const webhookGraceMilliseconds = 60_000;

/** The time that the Action has to answer a comment that it has claimed. */
const actionGraceMilliseconds = 600_000;

/** The interval between checks whether this bot is the leader. */
const idleMilliseconds = 1_000;

/** The share of an installation's quota that is reserved for people who are waiting. */
const minQuotaShare = 0.2;

/**
 * Polls all repositories where the app is installed for comments, and closed threads, that no webhook delivered. A bot that no webhook can reach depends
 * on it.
 */
export class MissedCommentPoller {
  readonly #options: MissedCommentPollerOptions;
  readonly #loop: PollLoop;
  /** By the repository's id. */
  readonly #recent = new LRUCache<number, readonly RecentComments[]>({ max: 10_000 });
  /** Comments that are done. */
  readonly #settled = new LRUCache<CommentId, true>({ max: 10_000 });
  /** Comments that the Action had claimed at the last poll. */
  readonly #claimed = new LRUCache<CommentId, true>({ max: 10_000 });
  /** When a bot last wrote its reply to a comment, by the reply's marker and time of update, in milliseconds. */
  readonly #answered = new LRUCache<CommentId, number>({ max: 10_000 });
  /** The messages of failures in the last poll. Each is logged once, until it succeeds again. */
  readonly #failing = new Set<string>();
  readonly #lockChecks: LockChecks;
  #isStopped = false;

  constructor(options: MissedCommentPollerOptions) {
    this.#options = options;
    const { clock = systemClock } = options;
    this.#loop = new PollLoop(() => this.#sweepAll(), clock);
    this.#lockChecks = new LockChecks(() => clock.now());
  }

  start(): void {
    this.#loop.wake();
  }

  /** Stops sweeping. Resolves when the current comment is done. */
  stop(): Promise<void> {
    this.#isStopped = true;
    return this.#loop.stop();
  }

  get #isActive(): boolean {
    return !this.#isStopped && this.#options.isLeading();
  }

  async #sweepAll(): Promise<number> {
    const { intervalMilliseconds: every, github } = this.#options;
    if (!this.#isActive) return Math.min(every, idleMilliseconds);
    await this.#warnOnce('could not list the installations: retrying', async () => {
      for (const installation of await listInstallations(github.app))
        await this.#sweepInstallation(installation);
    });
    return every;
  }

  #sweepInstallation(installation: number): Promise<void> {
    const { github } = this.#options;
    const octokit = github.installation(installation);
    return this.#warnOnce(`could not sweep installation ${installation}: retrying`, async () => {
      if (!this.#mayCallGitHub(installation)) return;
      for (const repository of await listRepositories(octokit)) {
        await this.#sweepRepository({ repository, installation, octokit });
      }
    });
  }

  async #sweepRepository(target: InstalledRepository): Promise<void> {
    const { id, name } = target.repository;
    if (!this.#mayCallGitHub(target.installation)) return;
    const lists = this.#recent.get(id) ?? openRecentComments(target.repository);
    this.#recent.set(id, lists);
    await this.#warnOnce(`could not sweep ${name}: retrying`, async () => {
      for (const recent of lists)
        await recent.poll(target.octokit, (comment) => this.#processComment(comment, target));
    });
    if (!this.#lockChecks.isDue(id) || !this.#mayCallGitHub(target.installation)) return;
    await this.#warnOnce(`could not end the locks of closed threads of ${name}: retrying`, async () =>
      this.#lockChecks.recordCheck(id, await this.#options.endLocks(target)),
    );
  }

  /** Processes a comment. Returns whether it is done. */
  async #processComment(comment: ListedComment, target: InstalledRepository): Promise<boolean> {
    const { metrics, log, admissions, claimedByAction } = this.#options;
    const marker = comment.user?.type === 'Bot' ? readMarker(comment.body) : undefined;
    if (marker) this.#noteReply(marker.comment, Date.parse(comment.updated_at));
    // A command in the text of a review is not listed, but its reply is.
    if (marker || mayContainCommand(comment.body)) this.#lockChecks.recordCommand(target.repository.id);
    if (this.#claimed.has(comment.id)) return this.#processClaimed(comment, target);
    if (claimedByAction.get(comment.id)) return this.#noteClaimed(comment);
    if (this.#settled.has(comment.id) || admissions.isSilenced(comment.id)) return true;
    if (!this.#mayCallGitHub(target.installation)) return false;
    if (mayContainCommand(comment.body) && !admissions.hasRoom(target.installation, isAffiliated(comment)))
      return false;
    try {
      const outcome = await this.#checkMissedComment(comment, target);
      if (outcome === 'early') {
        // Not only at the next sweep: where no webhook arrives, people wait for this one.
        this.#loop.wake(Date.parse(comment.created_at) + webhookGraceMilliseconds - Date.now());
        return false;
      }
      if (claimedByAction.get(comment.id)) return this.#noteClaimed(comment);
      this.#settled.set(comment.id, true);
      if (outcome !== 'known') metrics.missed.inc({ outcome });
      return true;
    } catch (err) {
      metrics.missed.inc({ outcome: 'fault' });
      log.warn(
        { err, comment: comment.id, repository: target.repository.name },
        'could not process a missed comment: retrying',
      );
      return false;
    }
  }

  #noteReply(comment: CommentId, at: number): void {
    this.#answered.set(comment, Math.max(at, this.#answered.get(comment) ?? at));
  }

  /** Returns whether a bot has replied to a comment, and to its edit if the comment came as one. */
  #isAnswered({ id }: ListedComment, event: IncomingComment['event'] | undefined): boolean {
    const at = this.#answered.get(id);
    if (at === undefined) return false;
    return event?.kind !== 'edited' || event.at === null || at >= Date.parse(event.at);
  }

  /** The Action has claimed a comment. Its answer may be listed later, so the comment is processed again. */
  #noteClaimed({ id }: ListedComment): false {
    this.#claimed.set(id, true);
    return false;
  }

  /**
   * Processes a comment that the Action has claimed. Returns whether it is done. If nobody answers it, we do: a claim is not an
   * answer, and callers other than an Action can claim comments, too.
   */
  async #processClaimed(listed: ListedComment, target: InstalledRepository): Promise<boolean> {
    const { metrics, log, claimedByAction } = this.#options;
    const { id } = listed;
    const received = claimedByAction.get(id);
    const { event } = received ?? {};
    const at = event?.kind === 'edited' ? (event.at ?? listed.created_at) : listed.created_at;
    if (!this.#isAnswered(listed, event)) {
      if (Date.now() - Date.parse(at) < actionGraceMilliseconds || !this.#mayCallGitHub(target.installation))
        return false;
      try {
        await this.#answerClaimed(listed, received, target);
      } catch (err) {
        metrics.missed.inc({ outcome: 'fault' });
        log.warn(
          { err, comment: id, repository: target.repository.name },
          'could not process a missed comment: retrying',
        );
        return false;
      }
    }
    claimedByAction.delete(id);
    this.#claimed.delete(id);
    this.#settled.set(id, true);
    return true;
  }

  /** Answers a comment that the Action has claimed, unless an entry has. @param received the comment as it was received, if known */
  async #answerClaimed(
    listed: ListedComment,
    received: IncomingComment | undefined,
    target: InstalledRepository,
  ): Promise<void> {
    const { metrics, log, identity, handleComment, takeOverClaim } = this.#options;
    const { installation, repository } = target;
    // GitHub's list does not say who edited the comment, and it may not have been the author.
    if (!received && listed.updated_at !== listed.created_at) return;
    const thread = { repository, number: listed.thread, kind: 'issue' } as const;
    if (!(await takeOverClaim(received ?? { host: identity.host, thread, comment: { id: listed.id } })))
      return;
    const commentLog = log.child({ comment: listed.id, repository: repository.name, swept: true });
    if (received) await handleComment({ ...received, installation }, commentLog);
    const outcome = received ? 'heard' : await this.#checkMissedComment(listed, target);
    if (outcome !== 'known' && outcome !== 'early') metrics.missed.inc({ outcome });
  }

  #checkMissedComment(
    listed: ListedComment,
    target: InstalledRepository,
  ): ReturnType<typeof checkMissedComment> {
    const { identity, getThread, handleComment, handleMissed, log } = this.#options;
    const { installation, repository } = target;
    const commentLog = log.child({ comment: listed.id, repository: repository.name, swept: true });
    const toReceived = (comment: IncomingComment): ReceivedComment => ({ ...comment, installation });
    return checkMissedComment(listed, target, {
      identity,
      thread: (comment) => getThread(toReceived(comment)),
      handle: (comment) => handleComment(toReceived(comment), commentLog),
      handleMissed: (comment) => handleMissed(toReceived(comment), commentLog),
      grace: webhookGraceMilliseconds,
    });
  }

  #mayCallGitHub(installation: number): boolean {
    return this.#isActive && !this.#options.github.quotas.isBelow(minQuotaShare, installation);
  }

  /** Does work, and logs its failure once. A failure must not prevent other work. */
  async #warnOnce(failure: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#failing.delete(failure);
    } catch (err) {
      if (!this.#failing.has(failure)) this.#options.log.warn({ err }, failure);
      this.#failing.add(failure);
    }
  }
}
