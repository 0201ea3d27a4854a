import type { DatabaseSync } from 'node:sqlite';
import { prepareRows } from '../../sqlite/typed-statement.ts';

export type InboxMessage = { n: number; event: string };

export type InboxTable = ReturnType<typeof createInboxTable>;
export type HistoryTable = ReturnType<typeof createHistoryTable>;

/** Returns the statements on `inbox`: unprocessed events of instances, in the order of their arrival. */
export const createInboxTable = (db: DatabaseSync) => {
  const add = db.prepare('INSERT INTO inbox (instance, execution, event) VALUES (?, ?, ?)');
  const next = prepareRows<InboxMessage>(
    db,
    'SELECT n, event FROM inbox WHERE instance = ? ORDER BY n LIMIT ?',
  );
  const removeThrough = db.prepare('DELETE FROM inbox WHERE instance = ? AND n <= ?');
  const clear = db.prepare('DELETE FROM inbox WHERE instance = ?');
  const clearAnswers = db.prepare('DELETE FROM inbox WHERE instance = ? AND execution IS NOT NULL');
  const waiting = prepareRows<{ instance: string }>(db, 'SELECT DISTINCT instance FROM inbox');
  return {
    /** @param execution the execution that it answers; null for any */
    add: (instance: string, execution: string | null, event: string): void =>
      void add.run(instance, execution, event),
    next: (instance: string, limit: number): InboxMessage[] => next.all(instance, limit),
    /** Removes messages with numbers up to `n`. */
    removeThrough: (instance: string, n: number): void => void removeThrough.run(instance, n),
    clear: (instance: string): void => void clear.run(instance),
    /** Removes the events that are only for the current execution. */
    clearAnswers: (instance: string): void => void clearAnswers.run(instance),
    /** Returns the ids of instances with messages. */
    waiting: (): string[] => waiting.all().map(({ instance }) => instance),
  };
};

/** Returns the statements on `history`. */
export const createHistoryTable = (db: DatabaseSync) => {
  const append = db.prepare('INSERT INTO history (instance, seq, event) VALUES (?, ?, ?)');
  const last = prepareRows<{ seq: number }>(
    db,
    'SELECT seq FROM history WHERE instance = ? ORDER BY seq DESC LIMIT 1',
  );
  const all = prepareRows<{ event: string }>(db, 'SELECT event FROM history WHERE instance = ? ORDER BY seq');
  const clear = db.prepare('DELETE FROM history WHERE instance = ?');
  return {
    append: (instance: string, events: readonly string[]): void => {
      const from = (last.get(instance)?.seq ?? -1) + 1;
      events.forEach((event, index) => append.run(instance, from + index, event));
    },
    isEmpty: (instance: string): boolean => last.get(instance) === undefined,
    all: (instance: string): string[] => all.all(instance).map(({ event }) => event),
    clear: (instance: string): void => void clear.run(instance),
  };
};
