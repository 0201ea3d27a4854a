import { jitteredDelay } from '../runtime/async/backoff.ts';
import { systemClock, type Clock } from '../runtime/async/clock.ts';
import type { ReplicaLeases } from './lease-storage/lease-storage.ts';
import type { Logger } from '../runtime/log.ts';
import { PollLoop } from '../runtime/async/poll-loop.ts';
import type { BotMetrics } from './metrics.ts';

/** The duration of a lease without renewal, and the interval between attempts. */
type LeaderSeconds = { lease: number; renewal: number };

type LeaderElectionOptions = {
  leases: ReplicaLeases;
  /** The lease's name: `tracker/<app id>`. */
  name: string;
  /** Identifies this process. */
  holder: string;
  seconds?: LeaderSeconds;
  /** Called when this process becomes the leader. */
  onLead: () => void;
  metrics: Pick<BotMetrics, 'leading'>;
  log: Logger;
  clock?: Clock;
};

/** With leases of the orchestrator: a leader that died is replaced after 10 s and one attempt. */
const defaultSeconds: LeaderSeconds = { lease: 10, renewal: 3 };

/** With leases in storage: a leader that died is replaced after 30 s and one attempt. */
export const storageLeaderSeconds: LeaderSeconds = { lease: 30, renewal: 10 };

/** The minimum delay before an attempt that failed is repeated, in milliseconds. Never longer than the interval between attempts. */
const minRetryMilliseconds = 1_000;

/** The share of its duration by which a lease counts as lost before another process can take it. */
export const safetyMargin = 0.1;

/**
 * Elects one leader among all bots that serve one app with one orchestrator. Only the leader tracks jobs and sweeps. While the
 * orchestrator, or the storage of the leases, does not answer, there is no leader once the last lease has expired.
 */
export class LeaderElection {
  readonly #options: LeaderElectionOptions;
  readonly #seconds: LeaderSeconds;
  readonly #clock: Clock;
  readonly #loop: PollLoop;
  /** By the clock. */
  #leadsUntil = -Infinity;
  #wasLeading = false;
  /** The number of consecutive attempts without an answer. */
  #faults = 0;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#seconds = options.seconds ?? defaultSeconds;
    this.#clock = options.clock ?? systemClock;
    this.#loop = new PollLoop(() => this.#renew(), this.#clock);
  }

  get isLeading(): boolean {
    return this.#clock.now() < this.#leadsUntil;
  }

  start(): void {
    this.#loop.wake();
  }

  /** Stops leading and releases the lease. Never rejects: without an answer, the lease expires. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    this.#lose();
    const { leases, name, holder, log } = this.#options;
    await leases
      .release(name, holder)
      .catch((err: unknown) => log.warn({ err }, 'could not release the leader lease: it will expire'));
  }

  async #renew(): Promise<number> {
    const { leases, name, holder, log } = this.#options;
    const interval = this.#seconds.renewal * 1_000;
    // The lease starts after this.
    const requestedAt = this.#clock.now();
    try {
      const taken = await leases.take(name, holder, this.#seconds.lease);
      this.#faults = 0;
      if (taken) this.#gain(requestedAt);
      else this.#lose();
      return interval;
    } catch (err) {
      if (this.#faults === 0) log.warn({ err }, 'could not renew the leader lease: retrying');
      if (!this.isLeading) this.#lose();
      const minMilliseconds = Math.min(minRetryMilliseconds, interval);
      return jitteredDelay(this.#faults++, { minMilliseconds, maxMilliseconds: interval });
    }
  }

  #gain(requestedAt: number): void {
    const { onLead, metrics, log } = this.#options;
    const isRenewal = this.#wasLeading && this.isLeading;
    this.#leadsUntil = requestedAt + this.#seconds.lease * 1_000 * (1 - safetyMargin);
    this.#wasLeading = true;
    metrics.leading.set(1);
    if (isRenewal) return;
    log.info('this bot is now the leader: tracking jobs');
    onLead();
  }

  #lose(): void {
    const { metrics, log } = this.#options;
    if (this.#wasLeading) log.info('this bot is no longer the leader');
    this.#wasLeading = false;
    this.#leadsUntil = -Infinity;
    metrics.leading.set(0);
  }
}
