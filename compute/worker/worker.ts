import type { Logger } from '../../runtime/log.ts';
import type { Storage } from '../storage/port.ts';
import type { Algorithm } from '../algorithms/algorithm.ts';
import { CancellationCache } from './cancellations.ts';
import { InFlight } from './in-flight.ts';
import { CancellationTracker } from './cancellation.ts';
import { runPollLoop } from './poll-loop.ts';
import { createWorkerMetrics, type WorkerMetrics } from './metrics.ts';

export type WorkerOptions = {
  storage: Storage;
  algorithms: ReadonlyMap<string, Algorithm>;
  /** Blocks at once. */
  slots: number;
  visibilitySeconds: number;
  /** Infinity: never. */
  exitWhenIdleSeconds: number;
  log: Logger;
};

export type Worker = {
  metrics: WorkerMetrics;
  /** Whether it takes messages: storage answered the last time, and it is not stopping. */
  isReady(): boolean;
  /** Resolves when it has ended by itself. */
  ended: Promise<void>;
  /** Takes nothing more at once, finishes what is in hand within the grace, gives the rest back. */
  stop(graceMilliseconds: number): Promise<void>;
};

/** How long blocks that were interrupted may take to be given back. */
const returnMilliseconds = 2_000;

/** Starts to take blocks off the queue. */
export const startWorker = (options: WorkerOptions): Worker => {
  const { storage, algorithms, slots, visibilitySeconds, exitWhenIdleSeconds, log } = options;
  const inFlight = new InFlight();
  const metrics = createWorkerMetrics(() => inFlight.count);
  const stopping = new AbortController();
  const cancellations = new CancellationCache(storage.blobs, log);
  const interruptions = new CancellationTracker(cancellations);
  const context = { storage, algorithms, cancellations, interruptions, visibilitySeconds, log };
  let isReachable = false;
  const onPoll = (answered: boolean) => void (isReachable = answered);
  const run = async (): Promise<void> => {
    await runPollLoop({
      context,
      slots,
      inFlight,
      metrics,
      onPoll,
      exitWhenIdleSeconds,
      stopping: stopping.signal,
    });
    await inFlight.waitUntilEmpty();
    interruptions.close();
  };
  const ended = run();
  return {
    metrics,
    isReady: () => isReachable && !stopping.signal.aborted,
    ended,
    stop: async (graceMilliseconds) => {
      stopping.abort();
      if (await hasEndedWithin(ended, graceMilliseconds)) return;
      interruptions.interruptAll();
      if (!(await hasEndedWithin(ended, returnMilliseconds)))
        log.warn('not everything in hand could be given back');
    },
  };
};

const hasEndedWithin = async (ended: Promise<void>, milliseconds: number): Promise<boolean> => {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), milliseconds);
  const inTime = async () => {
    await ended;
    return true;
  };
  try {
    return await Promise.race([inTime(), late.promise]);
  } finally {
    clearTimeout(timer);
  }
};
