import { PollLoop } from '../../runtime/async/poll-loop.ts';
import type { Child } from '../../runtime/child-process.ts';
import type { Logger } from '../../runtime/log.ts';
import { createWorkerPool, type WorkerPool } from './worker-pool.ts';
import { createScaler, type ScaleSettings } from './replicas.ts';

export type AutoscalerOptions = ScaleSettings & {
  /** Returns the number of messages in the queue, including invisible ones. */
  queueLength: () => Promise<number>;
  /** Starts one worker. On SIGTERM it drains: it finishes its blocks, receives no more, and exits. */
  start: () => Child;
  pollSeconds: number;
  /** How long the queue must require fewer workers before any is drained. */
  cooldownSeconds: number;
  log: Logger;
};

/** Keeps the number of workers that the queue requires. */
export type Autoscaler = {
  /** Returns the number of active workers, without draining ones. */
  count(): number;
  /** Returns all workers, including draining ones. */
  children(): { name: string; pid: number }[];
  /** Polls the queue now, because messages were added. */
  pollNow(): void;
  /** Drains all workers. Resolves when they have exited. */
  stop(): Promise<void>;
};

/** How long workers get to finish their blocks when the autoscaler stops. */
const stopMilliseconds = 30_000;

export const startAutoscaler = (options: AutoscalerOptions): Autoscaler => {
  const pool = createWorkerPool(options.start, options.log);
  const stopping = new AbortController();
  const poll = createPoller(options, pool);
  const loop = new PollLoop(async () => {
    await poll(stopping.signal);
    return options.pollSeconds * 1_000;
  });
  loop.wake();

  return {
    count: () => pool.count(),
    children: () => pool.children(),
    pollNow: () => loop.wake(),
    stop: async () => {
      stopping.abort();
      // Does not wait for a running poll, which changes nothing after the abort.
      void loop.stop();
      await pool.end(stopMilliseconds);
    },
  };
};

/** Returns a function that reads the queue once and resizes the pool. An unreadable queue changes nothing, and is logged once. */
const createPoller = (
  { queueLength, cooldownSeconds, log, ...settings }: AutoscalerOptions,
  pool: WorkerPool,
) => {
  const scaler = createScaler(settings, cooldownSeconds * 1_000);
  let failing = false;
  return async (stopped: AbortSignal): Promise<void> => {
    try {
      const length = await queueLength();
      if (stopped.aborted) return;
      pool.resize(scaler.next(pool.count(), length, performance.now()));
      if (failing) log.info('the queue is readable again, and workers start');
      failing = false;
    } catch (error) {
      if (!failing) log.warn({ err: error }, 'could not read the queue or start a worker');
      failing = true;
    }
  };
};
