import * as v from 'valibot';
import { PollLoop } from '../../../runtime/async/poll-loop.ts';
import { resolvesWithin } from '../../../runtime/async/timeout.ts';
import type { Logger } from '../../../runtime/log.ts';
import type { InvokeFunction, TriggeredFunction } from '../worker/invoke-function.ts';
import { findNextTime, parseNcrontab } from './ncrontab.ts';

const TimerTrigger = v.object({ schedule: v.string() });

type TimerTriggerOptions = { functions: readonly TriggeredFunction[]; invoke: InvokeFunction; log: Logger };

/** How long `stop` waits for runs. The next start runs the functions again. */
const stopMilliseconds = 5_000;

/** Runs timer functions by their schedules, never twice at once. Errors are logged, and the function runs again. */
export const startTimers = ({
  functions,
  invoke,
  log,
}: TimerTriggerOptions): { stop: () => Promise<void> } => {
  const loops = functions.map((called) => {
    const schedule = parseNcrontab(v.parse(TimerTrigger, called.trigger).schedule);
    const getDelay = (): number => findNextTime(schedule, Date.now()) - Date.now();
    const loop = new PollLoop(async () => {
      const next = new Date(findNextTime(schedule, Date.now())).toISOString();
      const data = { json: JSON.stringify(describeTimer(next)) };
      await invoke(called, { data }).catch((error: unknown) =>
        log.error({ err: error, timer: called.name }, 'timer function failed'),
      );
      return getDelay();
    });
    loop.wake(getDelay());
    return loop;
  });
  return {
    stop: async () => {
      if (!(await resolvesWithin(stopMilliseconds, Promise.all(loops.map((loop) => loop.stop())))))
        log.warn('timer functions did not end in time');
    },
  };
};

/** Returns the data of a timer trigger, as the Functions host writes it. */
const describeTimer = (next: string): object => ({
  Schedule: { AdjustForDST: true },
  ScheduleStatus: { Last: new Date().toISOString(), LastUpdated: new Date().toISOString(), Next: next },
  IsPastDue: false,
});
