import type { Leases } from '../../compute/client/index.ts';
import type { Logger } from '../../runtime/log.ts';
import { Loop } from '../loop.ts';
import type { BotMetrics } from '../metrics.ts';
import type { Leader } from './leader.ts';

export type ReplicasOptions = {
  leases: Leases;
  /** The beginning of the leases' names: `bot/<app id>`. */
  name: string;
  /** Tells this process from all others. */
  holder: string;
  /** How long a place lasts without being renewed, and the time from one count to the next. */
  seconds?: { lease: number; renewal: number };
  metrics: Pick<BotMetrics, 'replicas'>;
  log: Logger;
  /** The clock, in milliseconds; `performance.now` unless a test brings its own. */
  now?: () => number;
};

const usual = { lease: 30, renewal: 10 };

/** Fewer replicas are believed after so many counts in a row: one that moves to a lower place leaves its old one empty. */
const countsToShrink = 3;

/** Nobody runs as many bots; it bounds a count. */
const maxReplicas = 200;

/** Half of all writes is the leader's, who follows the jobs; the other half is shared by all. */
const leaderShare = 0.5;

/**
 * Counts the bots that serve one app at one orchestrator, and tells this one its share of what they may write together. Each
 * bot holds the lowest free place, `bot/<app id>/0`, `/1` and so on, so the first free place above its own ends the count.
 */
export class Replicas {
  readonly #options: Required<ReplicasOptions>;
  readonly #loop = new Loop(() => this.#round());
  #leader: Pick<Leader, 'isLeading'> = { isLeading: false };
  #place: number | undefined;
  #count = 1;
  /** Counts in a row that were lower than the one that is believed. */
  #lower = 0;
  /** The share that this bot had when the orchestrator answered last, and when that was. */
  #last = { share: 1, at: Infinity };
  #silent = false;

  constructor(options: ReplicasOptions) {
    this.#options = { seconds: usual, now: () => performance.now(), ...options };
  }

  /** Names who knows whether this bot leads. */
  set leader(leader: Pick<Leader, 'isLeading'>) {
    this.#leader = leader;
  }

  /**
   * This bot's share of all writes, from 0 to 1. Whoever cannot reach the orchestrator for as long as the others count it uses the
   * last share divided by the last number of replicas: they share the whole among themselves by now.
   */
  get share(): number {
    const { seconds, now } = this.#options;
    const isCutOff = now() - this.#last.at > seconds.lease * 1_000;
    return isCutOff ? this.#last.share / this.#count : this.#shareNow();
  }

  start(): void {
    this.#loop.wake();
  }

  /** Counts no more, and leaves its place to others. Never rejects: without an answer the place becomes free by itself. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    const place = this.#place;
    if (place === undefined) return;
    const { leases, holder, log } = this.#options;
    await leases
      .release(this.#nameOf(place), holder)
      .catch((err: unknown) => log.warn({ err }, "could not release this replica's lease: it will expire"));
  }

  /** Takes a place, or renews it, and counts. @returns when the next count is due, in milliseconds */
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

  /** Takes the lowest free place; those below are others'. */
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

  /** How many places above are taken. One that can be had was free, and is given back. */
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
