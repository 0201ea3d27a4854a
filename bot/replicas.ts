import { systemClock, type Clock } from '../runtime/async/clock.ts';
import type { Logger } from '../runtime/log.ts';
import { PollLoop } from '../runtime/async/poll-loop.ts';
import type { ReplicaLeases } from './lease-storage/lease-storage.ts';
import type { BotMetrics } from './metrics.ts';
import type { LeaderElection } from './leader-election.ts';

type ReplicaCounterOptions = {
  leases: ReplicaLeases;
  /** The prefix of the leases' names: `bot/<app id>`. */
  name: string;
  /** Identifies this process. */
  holder: string;
  /** The duration of a lease without renewal, and the interval between counts. */
  seconds?: { lease: number; renewal: number };
  metrics: Pick<BotMetrics, 'replicas'>;
  log: Logger;
  clock?: Clock;
};

const defaultSeconds = { lease: 30, renewal: 10 };

/** The number of consecutive lower counts before a lower number is accepted: a replica that moves to a lower lease leaves a gap. */
const countsToShrink = 3;

/** Limits a count; nobody runs this many replicas. */
const maxReplicas = 200;

/** The leader, which tracks the jobs, gets half of all writes; all replicas share the other half. */
const leaderShare = 0.5;

/**
 * Counts the replicas that serve one app with one orchestrator, and computes this replica's share of their writes. Each replica
 * holds the lowest free lease, `bot/<app id>/0`, `/1` and so on, so the first free lease above its own ends the count.
 */
export class ReplicaCounter {
  readonly #options: Required<ReplicaCounterOptions>;
  readonly #loop: PollLoop;
  #leader: Pick<LeaderElection, 'isLeading'> = { isLeading: false };
  #slot: number | undefined;
  #count = 1;
  /** The number of consecutive counts below the accepted number. */
  #lowerCounts = 0;
  /** This replica's share at the last answer, and the time of that answer. */
  #last = { share: 1, at: Infinity };
  #isUnreachable = false;

  constructor(options: ReplicaCounterOptions) {
    this.#options = { seconds: defaultSeconds, clock: systemClock, ...options };
    this.#loop = new PollLoop(() => this.#round(), this.#options.clock);
  }

  /** Sets the leader election that knows whether this replica leads. */
  set leader(leader: Pick<LeaderElection, 'isLeading'>) {
    this.#leader = leader;
  }

  /**
   * Returns this replica's share of all writes, from 0 to 1. A replica that cannot reach the leases until the others stop counting it
   * uses its last share divided by the last number of replicas, because the others then share the whole budget.
   */
  get share(): number {
    const { seconds, clock } = this.#options;
    const isCutOff = clock.now() - this.#last.at > seconds.lease * 1_000;
    return isCutOff ? this.#last.share / this.#count : this.#getShareNow();
  }

  start(): void {
    this.#loop.wake();
  }

  /** Stops counting and releases the lease. Never rejects: without an answer, the lease expires. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    const slot = this.#slot;
    if (slot === undefined) return;
    const { leases, holder, log } = this.#options;
    await leases
      .release(this.#getLeaseName(slot), holder)
      .catch((err: unknown) => log.warn({ err }, "could not release this replica's lease: it will expire"));
  }

  /** Takes or renews the lease, and counts. @returns the time until the next count, in milliseconds */
  async #round(): Promise<number> {
    const { seconds, log, clock } = this.#options;
    const requestedAt = clock.now();
    try {
      const slot = await this.#takeSlot();
      this.#acceptCount(slot + 1 + (await this.#countAbove(slot)));
      this.#last = { share: this.#getShareNow(), at: requestedAt };
      this.#isUnreachable = false;
    } catch (err) {
      if (!this.#isUnreachable) log.warn({ err }, 'could not count the replicas');
      this.#isUnreachable = true;
    }
    return seconds.renewal * 1_000;
  }

  #getShareNow(): number {
    if (this.#count === 1) return 1;
    const equal = (1 - leaderShare) / this.#count;
    return this.#leader.isLeading ? leaderShare + equal : equal;
  }

  #acceptCount(count: number): void {
    const { metrics, log } = this.#options;
    this.#lowerCounts = count < this.#count ? this.#lowerCounts + 1 : 0;
    if (count < this.#count && this.#lowerCounts < countsToShrink) return;
    if (count !== this.#count) log.info({ replicas: count }, 'the number of replicas changed');
    this.#count = count;
    this.#lowerCounts = 0;
    metrics.replicas.set(count);
  }

  /** Takes the lowest free lease; other replicas hold those below. */
  async #takeSlot(): Promise<number> {
    const { leases, holder, seconds } = this.#options;
    for (let slot = 0; slot < maxReplicas; slot += 1) {
      if (!(await leases.take(this.#getLeaseName(slot), holder, seconds.lease))) continue;
      const before = this.#slot;
      this.#slot = slot;
      if (before !== undefined && before > slot) await leases.release(this.#getLeaseName(before), holder);
      return slot;
    }
    throw new Error(`There are more than ${maxReplicas} replicas`);
  }

  /** Returns how many leases above this one are taken. A lease that can be taken was free, and is released. */
  async #countAbove(slot: number): Promise<number> {
    const { leases, holder } = this.#options;
    for (let above = slot + 1; above < maxReplicas; above += 1) {
      if (!(await leases.take(this.#getLeaseName(above), holder, 1))) continue;
      await leases.release(this.#getLeaseName(above), holder);
      return above - slot - 1;
    }
    return maxReplicas - slot - 1;
  }

  #getLeaseName(slot: number): string {
    return `${this.#options.name}/${slot}`;
  }
}
