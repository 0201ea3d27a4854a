import { resolvesWithin } from '../../runtime/async/timeout.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Algorithm } from '../algorithms/algorithm.ts';
import type { Storage } from '../storage/port.ts';
import { CancellationCache, CancellationTracker } from './cancellation.ts';
import { InFlight } from './in-flight.ts';
import { createWorkerMetrics, type WorkerMetrics } from './metrics.ts';
import { runPollLoop } from './poll-loop.ts';

export type WorkerOptions = {
  storage: Storage;
  algorithms: ReadonlyMap<string, Algorithm>;
  /** The maximum number of blocks at once. */
  slots: number;
  visibilitySeconds: number;
  /** Infinity: never. */
  exitWhenIdleSeconds: number;
  log: Logger;
};

export type Worker = {
  metrics: WorkerMetrics;
  /** Returns whether it receives messages: storage answered the last poll, and it is not stopping. */
  isReady(): boolean;
  /** Resolves when it has ended by itself. */
  ended: Promise<void>;
  /** Stops receiving messages, waits for running blocks within the grace, then returns the rest to the queue. */
  stop(graceMilliseconds: number): Promise<void>;
};

/** The timeout for returning interrupted blocks to the queue. */
const returnMilliseconds = 2_000;

/** Starts a worker. */
export const startWorker = (options: WorkerOptions): Worker => {
  const { storage, algorithms, slots, visibilitySeconds, exitWhenIdleSeconds, log } = options;
  const inFlight = new InFlight();
  const metrics = createWorkerMetrics(() => inFlight.count);
  const stopping = new AbortController();
  const cancellations = new CancellationCache(storage.blobs, log);
  const tracker = new CancellationTracker(cancellations);
  const context = { storage, algorithms, cancellations, tracker, visibilitySeconds, log };
  let isReachable = false;
  let isPollFailing = false;
  const onPoll = (error?: unknown): void => {
    // One line when storage goes away, and one when it is back, not one for each poll.
    if (error !== undefined && !isPollFailing) log.warn({ err: error }, 'could not poll the queue: retrying');
    if (error === undefined && isPollFailing) log.info('the queue answers again');
    isPollFailing = error !== undefined;
    isReachable = !isPollFailing;
  };
  const run = async (): Promise<void> => {
    const { signal } = stopping;
    await runPollLoop({ context, slots, inFlight, metrics, onPoll, exitWhenIdleSeconds, stopping: signal });
    await inFlight.waitUntilEmpty();
    tracker.close();
  };
  const ended = run();
  return {
    metrics,
    isReady: () => isReachable && !stopping.signal.aborted,
    ended,
    stop: async (graceMilliseconds) => {
      stopping.abort();
      if (await resolvesWithin(graceMilliseconds, ended)) return;
      tracker.interruptAll();
      if (!(await resolvesWithin(returnMilliseconds, ended)))
        log.warn('could not return all running blocks to the queue');
    },
  };
};
