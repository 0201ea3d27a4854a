import type { Logger } from '../../../runtime/log.ts';
import type { Blobs } from '../../storage/port.ts';
import type { Chore, TimerFunction } from '../durable.ts';
import { readLastRuns, recordRun } from './last-runs.ts';

export type TickOptions = {
  chores: readonly Chore[];
  /** The interval between ticks. */
  everySeconds: number;
  blobs: Blobs;
  log: Logger;
  /** The clock, in milliseconds since 1970; `Date.now` unless a test brings its own. */
  now?: () => number;
};

/**
 * Creates the only timer function. It runs the chores that are due, side by side, so that a slow one delays no other, except those that
 * run last. The last runs of those with an interval of their own are remembered in storage, because on Azure each tick can be the first of
 * its process. An error is logged with its chore, which runs again at the next tick.
 */
export const createTick = ({
  chores,
  everySeconds,
  blobs,
  log,
  now = () => Date.now(),
}: TickOptions): TimerFunction => ({
  name: 'Tick',
  everySeconds,
  handle: async (client) => {
    const startedAt = now();
    const lastRuns = await readLastRuns(blobs).catch((error: unknown) => {
      log.error({ err: error }, 'could not read when the chores last ran: running only those of each tick');
      return undefined;
    });
    const isDue = ({ name, everySeconds: interval }: Chore): boolean =>
      interval === undefined ||
      (lastRuns !== undefined && isIntervalOver(lastRuns[name], startedAt, interval - everySeconds / 2));
    const run = async (chore: Chore): Promise<void> => {
      try {
        await chore.run(client);
        if (chore.everySeconds !== undefined) await recordRun(blobs, chore.name, startedAt);
      } catch (error) {
        log.error({ err: error, chore: chore.name }, 'a chore failed: it runs again at the next tick');
      }
    };
    const due = chores.filter(isDue);
    await Promise.all(due.filter(({ isLast }) => !isLast).map(run));
    await Promise.all(due.filter(({ isLast }) => isLast).map(run));
  },
});

/**
 * Returns whether the last run is long enough ago. It is not if the clock of another process was ahead: then the recorded time would
 * postpone the chore.
 */
const isIntervalOver = (lastRun: string | undefined, now: number, seconds: number): boolean => {
  const elapsed = lastRun === undefined ? NaN : now - Date.parse(lastRun);
  return !(elapsed >= 0 && elapsed < seconds * 1_000);
};
