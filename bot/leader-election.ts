import type { Leases } from '../compute/client/index.ts';
import type { Logger } from '../runtime/log.ts';
import { PollLoop } from '../runtime/async/poll-loop.ts';
import type { BotMetrics } from './metrics.ts';

export type LeaderElectionOptions = {
  leases: Leases;
  /** What is led: `tracker/<app id>`. */
  name: string;
  /** Identifies this process. */
  holder: string;
  /** How long a lease lasts without being renewed, and the time from one attempt to the next. */
  seconds?: { lease: number; renewal: number };
  /** It leads from here on, for the first time or again. */
  onLead: () => void;
  metrics: BotMetrics;
  log: Logger;
};

/** A dead leader is replaced within 10 s and one attempt. */
const defaultSeconds = { lease: 10, renewal: 3 };

/** It counts as lost this share earlier than the orchestrator lets anyone else have it. */
const safetyMargin = 0.1;

/**
 * Of all bots that serve one app at one orchestrator, one leads at a time: it alone follows jobs and sweeps. While the
 * orchestrator does not answer nobody leads, as soon as the last lease is over.
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

  /** Leads no more, and lets the next one have it at once. Never rejects: without an answer the lease runs out by itself. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    this.#lose();
    const { leases, name, holder, log } = this.#options;
    await leases
      .release(name, holder)
      .catch((err: unknown) => log.warn({ err }, 'a lease runs out by itself'));
  }

  async #renew(): Promise<number> {
    const { leases, name, holder, log } = this.#options;
    // The lease began at the orchestrator after this.
    const asked = performance.now();
    try {
      const taken = await leases.take(name, holder, this.#seconds.lease);
      this.#recordReachable(true);
      if (taken) this.#gain(asked);
      else this.#lose();
    } catch (err) {
      if (!this.#isUnreachable)
        log.warn({ err }, 'it cannot be told which bot leads; it is asked again and again');
      this.#recordReachable(false);
      if (!this.isLeading) this.#lose();
    }
    return this.#seconds.renewal * 1_000;
  }

  #recordReachable(answered: boolean): void {
    this.#isUnreachable = !answered;
    this.#options.metrics.orchestratorUp.set(answered ? 1 : 0);
  }

  #gain(asked: number): void {
    const { onLead, metrics, log } = this.#options;
    const isRenewal = this.#wasLeading && this.isLeading;
    this.#leadsUntil = asked + this.#seconds.lease * 1_000 * (1 - safetyMargin);
    this.#wasLeading = true;
    metrics.leading.set(1);
    if (isRenewal) return;
    log.info('this bot leads: it follows the jobs');
    onLead();
  }

  #lose(): void {
    const { metrics, log } = this.#options;
    if (this.#wasLeading) log.info('this bot leads no more');
    this.#wasLeading = false;
    this.#leadsUntil = -Infinity;
    metrics.leading.set(0);
  }
}
