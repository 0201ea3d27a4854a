import type { DatabaseSync } from 'node:sqlite';
import type { InstanceStatus, RuntimeStatus } from '../../../compute/orchestrator/durable.ts';
import { prepareRows } from '../../sqlite/typed-statement.ts';

/** The task of a parent that an instance answers. */
export type ParentTask = { id: string; execution: string; task: number };

/** A stored instance. Input, output and custom status are JSON; times are in milliseconds. */
export type InstanceRow = {
  id: string;
  name: string;
  /** Changes whenever the instance continues as new, so that answers to an earlier execution are recognized. */
  execution: string;
  status: RuntimeStatus;
  /** The number of task ids that its generator has assigned. */
  scheduled: number;
  created: number;
  updated: number;
  parent: string | null;
  parentExecution: string | null;
  parentTask: number | null;
  customStatus: string | null;
  output: string | null;
  input: string;
};

/** The final statuses of an instance. */
export const endedStatuses: readonly RuntimeStatus[] = ['Completed', 'Failed', 'Terminated', 'Canceled'];

/** Returns whether a status is final. */
export const hasEnded = (status: RuntimeStatus): boolean => endedStatuses.includes(status);

const parseJson = (json: string | null): unknown => (json === null ? null : JSON.parse(json));

/** Returns the public view of a row. */
export const toInstanceStatus = (row: InstanceRow): InstanceStatus => ({
  name: row.name,
  instanceId: row.id,
  runtimeStatus: row.status,
  input: parseJson(row.input),
  customStatus: parseJson(row.customStatus),
  output: parseJson(row.output),
  createdTime: new Date(row.created).toISOString(),
  lastUpdatedTime: new Date(row.updated).toISOString(),
});

/** The fields of an instance that an episode changes. */
export type InstanceChange = Pick<
  InstanceRow,
  'id' | 'status' | 'scheduled' | 'updated' | 'customStatus' | 'output'
>;

export type InstanceTable = ReturnType<typeof createInstanceTable>;

/** Returns the statements on `instance`. */
export const createInstanceTable = (db: DatabaseSync) => {
  const get = prepareRows<InstanceRow>(db, 'SELECT * FROM instance WHERE id = ?');
  const put = db.prepare(
    `INSERT OR REPLACE INTO instance
       (id, name, execution, status, scheduled, created, updated, parent, parentExecution, parentTask, customStatus, output, input)
     VALUES ($id, $name, $execution, $status, $scheduled, $created, $updated, $parent, $parentExecution, $parentTask,
       $customStatus, $output, $input)`,
  );
  const change = db.prepare(
    `UPDATE instance SET status = $status, scheduled = $scheduled, updated = $updated, customStatus = $customStatus, output = $output
     WHERE id = $id`,
  );
  const remove = db.prepare('DELETE FROM instance WHERE id = ?');
  const children = prepareRows<{ id: string }>(db, 'SELECT id FROM instance WHERE parent = ?');
  const listUnstarted = prepareRows<{ id: string }>(
    db,
    "SELECT id FROM instance WHERE status IN ('Pending', 'ContinuedAsNew')",
  );

  return {
    get: (id: string): InstanceRow | undefined => get.get(id),
    /** Writes a row, and replaces one with the same id. */
    put: (row: InstanceRow): void => void put.run(row),
    change: (row: InstanceChange): void => {
      const { id, status, scheduled, updated, customStatus, output } = row;
      change.run({ id, status, scheduled, updated, customStatus, output });
    },
    remove: (id: string): void => void remove.run(id),
    children: (parent: string): string[] => children.all(parent).map(({ id }) => id),
    /** Returns the ids of instances whose generator has not run yet. */
    listUnstarted: (): string[] => listUnstarted.all().map(({ id }) => id),
  };
};
