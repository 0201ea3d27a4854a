import { DatabaseSync } from 'node:sqlite';

/** The file is in use by another open host. The message is for the person who started the second one. */
export class DurableFileInUseError extends Error {
  override name = 'DurableFileInUseError';
  constructor(file: string, options?: ErrorOptions) {
    super(
      `The jobs in ${file} are in use by another durable host. Stop the platform that uses this data folder, or choose another folder.`,
      options,
    );
  }
}

const version = 1;

/*
 * instance: one row per orchestration; `execution` changes when it continues as new; `scheduled` counts the assigned task ids.
 * history:  the processed events of an instance, in order. inbox: its unprocessed events; `execution` is null if they are for any.
 * work:     running activities (name, input) and timers (due).
 * Times are milliseconds since 1970; input, output, statuses and events are JSON.
 */
const schema = `
  CREATE TABLE instance (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, execution TEXT NOT NULL, status TEXT NOT NULL, scheduled INTEGER NOT NULL,
    created INTEGER NOT NULL, updated INTEGER NOT NULL, parent TEXT, parentExecution TEXT, parentTask INTEGER,
    customStatus TEXT, output TEXT, input TEXT NOT NULL
  ) STRICT;
  CREATE INDEX instanceByTime ON instance (created, id);
  CREATE INDEX instanceByStatus ON instance (status, created, id);
  CREATE INDEX instanceByParent ON instance (parent) WHERE parent IS NOT NULL;

  CREATE TABLE history (instance TEXT NOT NULL, seq INTEGER NOT NULL, event TEXT NOT NULL, PRIMARY KEY (instance, seq))
    STRICT, WITHOUT ROWID;

  CREATE TABLE inbox (n INTEGER PRIMARY KEY AUTOINCREMENT, instance TEXT NOT NULL, execution TEXT, event TEXT NOT NULL) STRICT;
  CREATE INDEX inboxByInstance ON inbox (instance, n);

  CREATE TABLE work (
    n INTEGER PRIMARY KEY AUTOINCREMENT, instance TEXT NOT NULL, execution TEXT NOT NULL, task INTEGER NOT NULL,
    name TEXT, input TEXT, due INTEGER
  ) STRICT;
  CREATE INDEX workByInstance ON work (instance, task);
  CREATE INDEX workByDue ON work (due, n) WHERE due IS NOT NULL;

  PRAGMA user_version = ${version};
`;

const sqliteBusy = 5;

/**
 * Opens the host's database and locks it until it is closed or the process ends. The operating system holds the lock. A commit survives
 * a crash of the process (`synchronous=NORMAL`), but not a power failure.
 * @throws DurableFileInUseError
 */
export const openDatabase = (file: string): DatabaseSync => {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { timeout: 0 });
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    db.exec('BEGIN EXCLUSIVE; COMMIT');
    prepareSchema(db, file);
    return db;
  } catch (cause) {
    db?.close();
    if ((cause as { errcode?: number }).errcode === sqliteBusy)
      throw new DurableFileInUseError(file, { cause });
    throw new Error(`Could not open the jobs in ${file}: ${(cause as Error).message}`, { cause });
  }
};

const prepareSchema = (db: DatabaseSync, file: string): void => {
  const found = db.prepare('PRAGMA user_version').get()?.['user_version'];
  if (found === version) return;
  if (found !== 0)
    throw new Error(
      `${file} was written by version ${String(found)} of the durable host, this is ${version}`,
    );
  db.exec(`BEGIN; ${schema} COMMIT`);
};
