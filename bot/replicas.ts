import type { Leases } from '../compute/client/index.ts';
import type { Logger } from '../runtime/log.ts';
import { Loop } from './poll-loop.ts';
import type { BotMetrics } from './metrics.ts';
import type { Leader } from './leader-election.ts';

export type ReplicasOptions = {
  leases: Leases;
  /** The prefix of the leases' names: `bot/<app id>`. */
  name: string;
  /** Identifies this process. */
  holder: string;
  /** The duration of a lease without renewal, and the interval between counts. */
  seconds?: { lease: number; renewal: number };
  metrics: Pick<BotMetrics, 'replicas'>;
  log: Logger;
  /** The clock, in milliseconds; `performance.now` unless a test brings its own. */
  now?: () => number;
};

const usual = { lease: 30, renewal: 10 };

/** The number of consecutive lower counts before a lower number is accepted: a replica that moves to a lower lease leaves a gap. */
const countsToShrink = 3;

/** Limits a count; nobody runs this many replicas. */
const maxReplicas = 200;

/** The leader, which follows the jobs, gets half of all writes; all replicas share the other half. */
const leaderShare = 0.5;

/**
 * Counts the replicas that serve one app with one orchestrator, and computes this replica's share of their writes. Each replica
 * holds the lowest free lease, `bot/<app id>/0`, `/1` and so on, so the first free lease above its own ends the count.
 */
export class Replicas {
  readonly #options: Required<ReplicasOptions>;
  readonly #loop = new Loop(() => this.#round());
  #leader: Pick<Leader, 'isLeading'> = { isLeading: false };
  #place: number | undefined;
  #count = 1;
  /** The number of consecutive counts below the accepted number. */
  #lower = 0;
  /** This replica's share at the orchestrator's last answer, and the time of that answer. */
  #last = { share: 1, at: Infinity };
  #silent = false;

  constructor(options: ReplicasOptions) {
    this.#options = { seconds: usual, now: () => performance.now(), ...options };
  }

  /** Sets the leader election that knows whether this replica leads. */
  set leader(leader: Pick<Leader, 'isLeading'>) {
    this.#leader = leader;
  }

  /**
   * Returns this replica's share of all writes, from 0 to 1. A replica that cannot reach the orchestrator until the others stop
   * counting it uses its last share divided by the last number of replicas, because the others then share the whole budget.
   */
  get share(): number {
    const { seconds, now } = this.#options;
    const isCutOff = now() - this.#last.at > seconds.lease * 1_000;
    return isCutOff ? this.#last.share / this.#count : this.#shareNow();
  }

  start(): void {
    this.#loop.wake();
  }

  /** Stops counting and releases the lease. Never rejects: without an answer, the lease expires. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    const place = this.#place;
    if (place === undefined) return;
    const { leases, holder, log } = this.#options;
    await leases
      .release(this.#nameOf(place), holder)
      .catch((err: unknown) => log.warn({ err }, "could not release this replica's lease: it will expire"));
  }

  /** Takes or renews the lease, and counts. @returns the time until the next count, in milliseconds */
  async #round(): Promise<number> {
    const { seconds, log, now } = this.#options;
    const asked = now();
    try {
      const place = await this.#takePlace();
      this.#believe(place + 1 + (await this.#countAbove(place)));
      this.#last = { share: this.#shareNow(), at: asked };
      this.#silent = false;
    } catch (err) {
      if (!this.#silent) log.warn({ err }, 'could not count the replicas');
      this.#silent = true;
    }
    return seconds.renewal * 1_000;
  }

  #shareNow(): number {
    if (this.#count === 1) return 1;
    const equal = (1 - leaderShare) / this.#count;
    return this.#leader.isLeading ? leaderShare + equal : equal;
  }

  #believe(count: number): void {
    const { metrics, log } = this.#options;
    this.#lower = count < this.#count ? this.#lower + 1 : 0;
    if (count < this.#count && this.#lower < countsToShrink) return;
    if (count !== this.#count) log.info({ replicas: count }, 'the number of replicas changed');
    this.#count = count;
    this.#lower = 0;
    metrics.replicas.set(count);
  }

  /** Takes the lowest free lease; other replicas hold those below. */
  async #takePlace(): Promise<number> {
    const { leases, holder, seconds } = this.#options;
    for (let place = 0; place < maxReplicas; place += 1) {
      if (!(await leases.take(this.#nameOf(place), holder, seconds.lease))) continue;
      const before = this.#place;
      this.#place = place;
      if (before !== undefined && before > place) await leases.release(this.#nameOf(before), holder);
      return place;
    }
    throw new Error(`There are more than ${maxReplicas} replicas`);
  }

  /** Returns how many leases above this one are taken. A lease that can be taken was free, and is released. */
  async #countAbove(place: number): Promise<number> {
    const { leases, holder } = this.#options;
    for (let above = place + 1; above < maxReplicas; above += 1) {
      if (!(await leases.take(this.#nameOf(above), holder, 1))) continue;
      await leases.release(this.#nameOf(above), holder);
      return above - place - 1;
    }
    return maxReplicas - place - 1;
  }

  #nameOf(place: number): string {
    return `${this.#options.name}/${place}`;
  }
}
