import { jitteredDelay } from '../../runtime/async/backoff.ts';
import { systemClock, type Clock } from '../../runtime/async/clock.ts';
import { PollLoop } from '../../runtime/async/poll-loop.ts';
import type { Logger } from '../../runtime/log.ts';
import type { LeaderElection } from '../leader-election.ts';
import type { LeaseStorage } from './lease-storage.ts';

type LeaderSignalOptions = {
  storage: Pick<LeaseStorage, 'changeVersion' | 'getVersion'>;
  /** The name of the signal: `wake/<app id>`. */
  name: string;
  leader: Pick<LeaderElection, 'isLeading'>;
  /** Called when another replica has sent the signal to this leader. */
  onSignal: () => void;
  /** Called after a leader's first check, because it does not know of earlier signals. */
  onFirstCheck: () => void;
  clock?: Clock;
  log: Logger;
};

/** The interval between checks of the leader, in milliseconds. */
export const checkMilliseconds = 10_000;

/** A signal from any replica to the leader, which polls rarely while no job runs: a job was started, or may be. */
export class LeaderSignal {
  readonly #options: LeaderSignalOptions;
  readonly #checks: PollLoop;
  readonly #sends: PollLoop;
  /** Undefined before a leader's first check. */
  #version: string | null | undefined;
  #faults = 0;

  constructor(options: LeaderSignalOptions) {
    this.#options = options;
    const { clock = systemClock } = options;
    this.#checks = new PollLoop(() => this.#check(), clock);
    this.#sends = new PollLoop(() => this.#send(), clock);
  }

  start(): void {
    this.#checks.wake();
  }

  /** Sends the signal, unless this replica leads. Signals that are sent in a row can become one. */
  send(): void {
    if (!this.#options.leader.isLeading) this.#sends.wake();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#checks.stop(), this.#sends.stop()]);
  }

  async #check(): Promise<number> {
    const { storage, name, leader, onSignal, onFirstCheck } = this.#options;
    if (!leader.isLeading) this.#version = undefined;
    if (!leader.isLeading) return checkMilliseconds;
    try {
      const before = this.#version;
      this.#version = await storage.getVersion(name);
      if (before === undefined) onFirstCheck();
      else if (before !== this.#version) onSignal();
      this.#faults = 0;
    } catch (err) {
      this.#recordFault(err, 'could not check whether another replica started a job: retrying');
    }
    return checkMilliseconds;
  }

  async #send(): Promise<number> {
    try {
      await this.#options.storage.changeVersion(this.#options.name);
      this.#faults = 0;
      return Infinity;
    } catch (err) {
      this.#recordFault(err, 'could not signal the leader that a job may have started: retrying');
      return jitteredDelay(this.#faults, { minMilliseconds: 1_000, maxMilliseconds: checkMilliseconds });
    }
  }

  #recordFault(err: unknown, message: string): void {
    if (this.#faults === 0) this.#options.log.warn({ err }, message);
    this.#faults += 1;
  }
}
