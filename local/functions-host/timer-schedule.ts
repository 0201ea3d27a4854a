import { systemClock, type Clock } from '../../runtime/async/clock.ts';
import { resolvesWithin } from '../../runtime/async/timeout.ts';
import type { Logger } from '../../runtime/log.ts';
import type { DurableClient, TimerFunction } from '../../compute/orchestrator/durable.ts';

/** The schedule of timer functions. */
export type TimerSchedule = {
  /** Starts no more runs, and waits for the current ones, for a few seconds. */
  stop(): Promise<void>;
};

/** How long `stop` waits. Runs can take minutes while storage is away; the next start runs the functions again. */
const stopMilliseconds = 5_000;

/** Runs each timer function at its interval, never twice at once. Errors are logged, and the function runs again. */
export const startTimerSchedule = (
  timers: readonly TimerFunction[],
  client: DurableClient,
  log: Logger,
  clock: Clock = systemClock,
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
      if (!(await resolvesWithin(stopMilliseconds, Promise.all(running.values()), clock)))
        log.warn({ timers: [...running.keys()] }, 'timer functions did not end in time');
    },
  };
};
