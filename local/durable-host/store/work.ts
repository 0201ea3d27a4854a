import type { DatabaseSync } from 'node:sqlite';
import { prepareRows } from '../../sqlite/typed-statement.ts';

/** A running activity. `input` is JSON. */
export type ActivityWork = {
  n: number;
  instance: string;
  execution: string;
  task: number;
  name: string;
  input: string;
};

/** A timer that has not fired. `due` is in milliseconds since 1970. */
export type TimerWork = { n: number; instance: string; execution: string; task: number; due: number };

export type WorkTable = ReturnType<typeof createWorkTable>;

/** Returns the statements on `work`. The number of a row is never reused, so it distinguishes late answers from current ones. */
export const createWorkTable = (db: DatabaseSync) => {
  const add = db.prepare(
    `INSERT INTO work (instance, execution, task, name, input, due) VALUES ($instance, $execution, $task, $name, $input, $due)`,
  );
  const activity = prepareRows<ActivityWork>(
    db,
    'SELECT n, instance, execution, task, name, input FROM work WHERE n = ? AND due IS NULL',
  );
  const activities = prepareRows<{ n: number }>(db, 'SELECT n FROM work WHERE due IS NULL ORDER BY n');
  const remove = db.prepare('DELETE FROM work WHERE n = ?');
  const due = prepareRows<TimerWork>(
    db,
    'SELECT n, instance, execution, task, due FROM work WHERE due <= ? ORDER BY due, n LIMIT ?',
  );
  const nextDue = prepareRows<{ due: number | null }>(
    db,
    'SELECT min(due) AS due FROM work WHERE due IS NOT NULL',
  );
  const cancelTimer = db.prepare('DELETE FROM work WHERE instance = ? AND task = ? AND due IS NOT NULL');
  const clearTimers = db.prepare('DELETE FROM work WHERE instance = ? AND due IS NOT NULL');
  const clear = db.prepare('DELETE FROM work WHERE instance = ?');
  return {
    addActivity: (row: Omit<ActivityWork, 'n'>): number =>
      Number(add.run({ ...row, due: null }).lastInsertRowid),
    addTimer: (row: Omit<TimerWork, 'n'>): void => void add.run({ ...row, name: null, input: null }),
    activity: (n: number): ActivityWork | undefined => activity.get(n),
    activities: (): number[] => activities.all().map(({ n }) => n),
    remove: (n: number): void => void remove.run(n),
    due: (now: number, limit: number): TimerWork[] => due.all(now, limit),
    /** Returns when the next timer is due; null without timers. */
    nextDue: (): number | null => nextDue.getOne().due,
    cancelTimer: (instance: string, task: number): void => void cancelTimer.run(instance, task),
    clearTimers: (instance: string): number => Number(clearTimers.run(instance).changes),
    clear: (instance: string): void => void clear.run(instance),
  };
};
