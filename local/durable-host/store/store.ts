import { openDatabase } from './database.ts';
import { instanceTable, type Instances } from './instances.ts';
import { listing } from './instance-pages.ts';
import { historyTable, inboxTable, type History, type Inbox } from './messages.ts';
import { workTable, type Work } from './work.ts';

export { DurableFileInUse } from './database.ts';
export { endedStatuses, hasEnded, statusOf, type InstanceRow, type Parent } from './instances.ts';
export type { ActivityWork } from './work.ts';

/** All that a durable host keeps, in one SQLite file. */
export type Store = {
  instances: Instances;
  history: History;
  inbox: Inbox;
  work: Work;
  list: ReturnType<typeof listing>;
  /** Runs `change` whole or not at all. */
  transaction<T>(change: () => T): T;
  close(): void;
};

/** @throws DurableFileInUse */
export const openStore = (file: string): Store => {
  const db = openDatabase(file);
  return {
    instances: instanceTable(db),
    history: historyTable(db),
    inbox: inboxTable(db),
    work: workTable(db),
    list: listing(db),
    transaction: (change) => {
      db.exec('BEGIN');
      try {
        const value = change();
        db.exec('COMMIT');
        return value;
      } catch (error) {
        // SQLite has rolled back by itself after some errors, such as a full disk.
        if (db.isTransaction) db.exec('ROLLBACK');
        throw error;
      }
    },
    close: () => db.close(),
  };
};
