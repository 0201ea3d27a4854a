import type { Logger } from '../../runtime/log.ts';
import type { DurableClient, TimerFunction } from '../../compute/orchestrator/durable.ts';

/** The schedule of timer functions. */
export type TimerSchedule = {
  /** Starts no more runs, and waits for the current ones. */
  stop(): Promise<void>;
};

/** Runs each timer function at its interval, never twice at once. Errors are logged, and the function runs again. */
export const startTimerSchedule = (
  timers: readonly TimerFunction[],
  client: DurableClient,
  log: Logger,
): TimerSchedule => {
  const running = new Map<string, Promise<void>>();
  const run = (timer: TimerFunction) => {
    const { name } = timer;
    if (running.has(name)) return;
    const ended = timer
      .handle(client)
      .catch((error: unknown) => log.error({ err: error, timer: name }, 'timer function failed'))
      .finally(() => running.delete(name));
    running.set(name, ended);
  };
  const intervals = timers.map((timer) => setInterval(run, timer.everySeconds * 1_000, timer).unref());
  return {
    stop: async () => {
      intervals.forEach((interval) => clearInterval(interval));
      await Promise.all(running.values());
    },
  };
};
