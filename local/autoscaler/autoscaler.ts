import { PollLoop } from '../../runtime/async/poll-loop.ts';
import type { Child } from '../../runtime/child-process.ts';
import type { Logger } from '../../runtime/log.ts';
import { createWorkerPool, type WorkerPool } from './worker-pool.ts';
import { createScaler, type ScaleSettings } from './replicas.ts';

export type AutoscalerOptions = ScaleSettings & {
  /** Messages in the queue, invisible ones included. */
  queueLength: () => Promise<number>;
  /** Starts one worker. It drains on SIGTERM: ends when it has finished what it has, and takes nothing more. */
  start: () => Child;
  pollSeconds: number;
  /** How long the queue must ask for fewer workers before any is drained. */
  cooldownSeconds: number;
  log: Logger;
};

/** Keeps as many workers as the queue asks for. */
export type Autoscaler = {
  /** Workers that work; those that drain are not counted. */
  count(): number;
  /** All of them, also those that drain. */
  children(): { name: string; pid: number }[];
  /** Looks at the queue now: something was put into it. */
  pollNow(): void;
  /** Drains all workers; resolves when they have ended. */
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

/** Looks at the queue once and changes the crew. A queue that cannot be read changes nothing, and is logged once. */
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
      if (failing) log.info('the queue, or a worker, is back');
      failing = false;
    } catch (error) {
      if (!failing) log.warn({ err: error }, 'the queue could not be read, or a worker not be started');
      failing = true;
    }
  };
};
