import { openDatabase } from './database.ts';
import { createInstanceTable, type InstanceTable } from './instances.ts';
import { createPageReader } from './instance-pages.ts';
import { createHistoryTable, createInboxTable, type HistoryTable, type InboxTable } from './messages.ts';
import { createWorkTable, type WorkTable } from './work.ts';

export { DurableFileInUseError } from './database.ts';
export { endedStatuses, hasEnded, toInstanceStatus, type InstanceRow, type ParentTask } from './instances.ts';
export type { ActivityWork } from './work.ts';

/** All that a durable host keeps, in one SQLite file. */
export type DurableStore = {
  instances: InstanceTable;
  history: HistoryTable;
  inbox: InboxTable;
  work: WorkTable;
  list: ReturnType<typeof createPageReader>;
  /** Runs `change` whole or not at all. */
  transaction<T>(change: () => T): T;
  close(): void;
};

/** @throws DurableFileInUseError */
export const openDurableStore = (file: string): DurableStore => {
  const db = openDatabase(file);
  return {
    instances: createInstanceTable(db),
    history: createHistoryTable(db),
    inbox: createInboxTable(db),
    work: createWorkTable(db),
    list: createPageReader(db),
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
