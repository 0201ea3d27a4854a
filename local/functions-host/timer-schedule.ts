import type { Logger } from '../../runtime/log.ts';
import type { DurableClient, TimerFunction } from '../../compute/orchestrator/durable.ts';

/** Functions that run on a schedule. */
export type TimerSchedule = {
  /** Begins no run any more, and waits for those that are under way. */
  stop(): Promise<void>;
};

/** Runs each timer function every so often, never twice at once; one that fails is logged and runs again. */
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
      .catch((error: unknown) => log.error({ err: error, timer: name }, 'a timer function failed'))
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
