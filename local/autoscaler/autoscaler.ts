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

/** A worker gets so long to finish what it has, when all is stopped. */
const stopMilliseconds = 30_000;

export const startAutoscaler = (options: AutoscalerOptions): Autoscaler => {
  const crew = createWorkerPool(options.start, options.log);
  const look = createPoller(options, crew);
  const stop = new AbortController();
  const { signal } = stop;
  let timer: NodeJS.Timeout | undefined;
  let again = false;

  const round = async (): Promise<void> => {
    timer = undefined;
    do {
      again = false;
      await look(signal);
    } while (again && !signal.aborted);
    if (!signal.aborted) timer = setTimeout(() => void round(), options.pollSeconds * 1_000);
  };
  void round();

  return {
    count: () => crew.count(),
    children: () => crew.children(),
    pollNow: () => {
      again = true;
      if (timer === undefined) return;
      clearTimeout(timer);
      void round();
    },
    stop: async () => {
      stop.abort();
      clearTimeout(timer);
      timer = undefined;
      // A look that is under way is not waited for: once stopped, it changes nothing.
      await crew.end(stopMilliseconds);
    },
  };
};

/** Looks at the queue once and changes the crew. A queue that cannot be read changes nothing, and is logged once. */
const createPoller = (
  { queueLength, cooldownSeconds, log, ...settings }: AutoscalerOptions,
  crew: WorkerPool,
) => {
  const wantedNow = createScaler(settings, cooldownSeconds * 1_000);
  let failing = false;
  return async (stopped: AbortSignal): Promise<void> => {
    try {
      const length = await queueLength();
      if (stopped.aborted) return;
      crew.resize(wantedNow.next(crew.count(), length, performance.now()));
      if (failing) log.info('the queue, or a worker, is back');
      failing = false;
    } catch (error) {
      if (!failing) log.warn({ err: error }, 'the queue could not be read, or a worker not be started');
      failing = true;
    }
  };
};
