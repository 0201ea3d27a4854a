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
    let due = findNextTime(schedule, Date.now());
    const loop = new PollLoop(async () => {
      // A timer of Node can be a moment early.
      due = findNextTime(schedule, Math.max(due, Date.now()));
      const data = { json: JSON.stringify(describeTimer(new Date(due).toISOString())) };
      await invoke(called, { data }).catch((error: unknown) =>
        log.error({ err: error, timer: called.name }, 'timer function failed'),
      );
      // Times that passed during the run are skipped.
      if (due < Date.now()) due = findNextTime(schedule, Date.now());
      return due - Date.now();
    });
    loop.wake(due - Date.now());
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
