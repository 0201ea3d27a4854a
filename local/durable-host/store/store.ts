import { openDatabase } from './database.ts';
import { createInstanceTable, type InstanceTable } from './instances.ts';
import { createPageReader } from './instance-pages.ts';
import { createHistoryTable, createInboxTable, type HistoryTable, type InboxTable } from './messages.ts';
import { createWorkTable, type WorkTable } from './work.ts';

export { DurableFileInUseError } from './database.ts';
export { endedStatuses, hasEnded, toInstanceStatus, type InstanceRow, type ParentTask } from './instances.ts';
export type { ActivityWork } from './work.ts';

/** The data of a durable host, in one SQLite file. */
export type DurableStore = {
  instances: InstanceTable;
  history: HistoryTable;
  inbox: InboxTable;
  work: WorkTable;
  list: ReturnType<typeof createPageReader>;
  /** Runs `change` in a transaction, which is rolled back if it throws. */
  transaction<T>(change: () => T): T;
  close(): void;
};

/** Opens the store in its file. @throws DurableFileInUseError */
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
        // SQLite rolls back automatically after some errors, such as a full disk.
        if (db.isTransaction) db.exec('ROLLBACK');
        throw error;
      }
    },
    close: () => db.close(),
  };
};
