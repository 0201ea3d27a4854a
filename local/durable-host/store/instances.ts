import type { DatabaseSync } from 'node:sqlite';
import type { InstanceStatus, RuntimeStatus } from '../../../compute/orchestrator/durable.ts';
import { prepareRows } from '../../sqlite/typed-statement.ts';

/** The sub-orchestration task of a parent that an instance answers. */
export type ParentTask = { id: string; execution: string; task: number };

/** An instance as stored; input, output and custom status are JSON texts, times milliseconds. */
export type InstanceRow = {
  id: string;
  name: string;
  /** Changes each time the instance begins anew, so that answers to an earlier run of it are known as such. */
  execution: string;
  status: RuntimeStatus;
  /** How many task ids its generator has given out. */
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

/** The statuses in which an instance has ended for good. */
export const endedStatuses: readonly RuntimeStatus[] = ['Completed', 'Failed', 'Terminated', 'Canceled'];

/** Whether an instance in this status has ended for good. */
export const hasEnded = (status: RuntimeStatus): boolean => endedStatuses.includes(status);

const parseJson = (json: string | null): unknown => (json === null ? null : JSON.parse(json));

/** The public view of a row. */
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

/** What an episode changes of its instance. */
export type InstanceChange = Pick<
  InstanceRow,
  'id' | 'status' | 'scheduled' | 'updated' | 'customStatus' | 'output'
>;

export type InstanceTable = ReturnType<typeof createInstanceTable>;

/** Statements on `instance`. */
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
    /** Writes a row whole, in place of one with the same id. */
    put: (row: InstanceRow): void => void put.run(row),
    change: (row: InstanceChange): void => {
      const { id, status, scheduled, updated, customStatus, output } = row;
      change.run({ id, status, scheduled, updated, customStatus, output });
    },
    remove: (id: string): void => void remove.run(id),
    children: (parent: string): string[] => children.all(parent).map(({ id }) => id),
    /** Ids of those whose generator has not run yet. */
    listUnstarted: (): string[] => listUnstarted.all().map(({ id }) => id),
  };
};
