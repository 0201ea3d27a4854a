import type { Leases } from '../compute/client/index.ts';
import type { Logger } from '../runtime/log.ts';
import { PollLoop } from '../runtime/async/poll-loop.ts';
import type { BotMetrics } from './metrics.ts';

type LeaderElectionOptions = {
  leases: Leases;
  /** The lease's name: `tracker/<app id>`. */
  name: string;
  /** Identifies this process. */
  holder: string;
  /** The duration of a lease without renewal, and the interval between attempts. */
  seconds?: { lease: number; renewal: number };
  /** Called when this process becomes the leader. */
  onLead: () => void;
  metrics: BotMetrics;
  log: Logger;
};

/** A leader that died is replaced after 10 s and one attempt. */
const defaultSeconds = { lease: 10, renewal: 3 };

/** The share of its duration by which a lease counts as lost before the orchestrator gives it to another process. */
const safetyMargin = 0.1;

/**
 * Elects one leader among all bots that serve one app with one orchestrator. Only the leader tracks jobs and sweeps. While the
 * orchestrator does not answer, there is no leader once the last lease has expired.
 */
export class LeaderElection {
  readonly #options: LeaderElectionOptions;
  readonly #seconds: { lease: number; renewal: number };
  readonly #loop = new PollLoop(() => this.#renew());
  /** By `performance.now()`. */
  #leadsUntil = -Infinity;
  #wasLeading = false;
  #isUnreachable = false;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#seconds = options.seconds ?? defaultSeconds;
  }

  get isLeading(): boolean {
    return performance.now() < this.#leadsUntil;
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
    // The orchestrator starts the lease after this.
    const requestedAt = performance.now();
    try {
      const taken = await leases.take(name, holder, this.#seconds.lease);
      this.#recordReachable(true);
      if (taken) this.#gain(requestedAt);
      else this.#lose();
    } catch (err) {
      if (!this.#isUnreachable) log.warn({ err }, 'could not renew the leader lease: retrying');
      this.#recordReachable(false);
      if (!this.isLeading) this.#lose();
    }
    return this.#seconds.renewal * 1_000;
  }

  #recordReachable(answered: boolean): void {
    this.#isUnreachable = !answered;
    this.#options.metrics.orchestratorUp.set(answered ? 1 : 0);
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
