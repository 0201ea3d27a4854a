import type { Logger } from '../../runtime/log.ts';
import type { Storage } from '../storage/port.ts';
import type { Algorithm } from '../algorithms/algorithm.ts';
import { Cancellations } from './cancellations.ts';
import { Hands } from './in-flight.ts';
import { Interruptions } from './cancellation.ts';
import { runLoop } from './poll-loop.ts';
import { workerMetrics, type Metrics } from './metrics.ts';

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
  metrics: Metrics;
  /** Whether it takes messages: storage answered the last time, and it is not stopping. */
  isReady(): boolean;
  /** Resolves when it has ended by itself. */
  ended: Promise<void>;
  /** Takes nothing more at once, finishes what is in hand within the grace, gives the rest back. */
  stop(graceMilliseconds: number): Promise<void>;
};

/** How long blocks that were interrupted may take to be given back. */
const giveBackMilliseconds = 2_000;

/** Starts to take blocks off the queue. */
export const startWorker = (options: WorkerOptions): Worker => {
  const { storage, algorithms, slots, visibilitySeconds, exitWhenIdleSeconds, log } = options;
  const hands = new Hands();
  const metrics = workerMetrics(() => hands.count);
  const stopping = new AbortController();
  const cancellations = new Cancellations(storage.blobs, log);
  const interruptions = new Interruptions(cancellations);
  const place = { storage, algorithms, cancellations, interruptions, visibilitySeconds, log };
  let reached = false;
  const onLook = (answered: boolean) => void (reached = answered);
  const work = async (): Promise<void> => {
    await runLoop({ place, slots, hands, metrics, onLook, exitWhenIdleSeconds, stopping: stopping.signal });
    await hands.empty();
    interruptions.close();
  };
  const ended = work();
  return {
    metrics,
    isReady: () => reached && !stopping.signal.aborted,
    ended,
    stop: async (graceMilliseconds) => {
      stopping.abort();
      if (await endsWithin(ended, graceMilliseconds)) return;
      interruptions.drain();
      if (!(await endsWithin(ended, giveBackMilliseconds)))
        log.warn('not everything in hand could be given back');
    },
  };
};

const endsWithin = async (ended: Promise<void>, milliseconds: number): Promise<boolean> => {
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
