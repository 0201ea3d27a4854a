import { randomUUID } from 'node:crypto';
import type { Logger } from '../../runtime/log.ts';
import { serializeEvent } from './session/history-events.ts';
import { hasEnded, type InstanceRow, type ParentTask, type DurableStore } from './store/store.ts';

/** The state that all parts of an open host share. All functions of this file run in a transaction. */
export type HostContext = {
  store: DurableStore;
  /** The names of the registered orchestrations are its keys. */
  orchestrations: Readonly<Record<string, unknown>>;
  now: () => number;
  log: Logger;
  /** The ids of instances with unprocessed events. */
  readyIds: Set<string>;
  /** The numbers of activities to dispatch after the commit. */
  dispatch: number[];
  /** Drops an instance's live generator. */
  dropSession: (id: string) => void;
};

type NewInstance = { name: string; id: string; input: string; parent?: ParentTask };

/** Creates an instance, and replaces an ended one with the same id. Its first episode runs in the same transaction. */
export const startInstance = (
  context: HostContext,
  { name, id, input, parent }: NewInstance,
): InstanceRow => {
  const { store, now } = context;
  if (store.instances.get(id)) deleteInstance(context, id);
  const row: InstanceRow = {
    id,
    name,
    execution: randomUUID(),
    status: 'Pending',
    scheduled: 0,
    created: now(),
    updated: now(),
    parent: parent?.id ?? null,
    parentExecution: parent?.execution ?? null,
    parentTask: parent?.task ?? null,
    customStatus: null,
    output: null,
    input,
  };
  store.instances.put(row);
  context.readyIds.add(id);
  return row;
};

/**
 * Adds an event to an instance's inbox, unless the instance is unknown, has ended, or the event answers an earlier execution.
 * @param execution the execution that it answers; null for any
 */
export const deliverEvent = (
  context: HostContext,
  id: string,
  execution: string | null,
  event: string,
): boolean => {
  const row = context.store.instances.get(id);
  if (!row || hasEnded(row.status) || (execution !== null && row.execution !== execution)) return false;
  context.store.inbox.add(id, execution, event);
  context.readyIds.add(id);
  return true;
};

export type InstanceOutcome = {
  status: 'Completed' | 'Failed' | 'Terminated';
  output: string;
  message: string;
};

/** Ends an instance, and answers its parent. Running activities and sub-orchestrations continue. */
export const endInstance = (context: HostContext, row: InstanceRow, ending: InstanceOutcome): void => {
  const { store, now } = context;
  const { status, output, message } = ending;
  store.instances.change({ ...row, status, output, updated: now() });
  store.inbox.clear(row.id);
  store.work.clearTimers(row.id);
  context.dropSession(row.id);
  if (row.parent === null || row.parentTask === null) return;
  const TaskScheduledId = row.parentTask;
  const answer =
    status === 'Completed'
      ? serializeEvent('SubOrchestrationInstanceCompleted', now(), { TaskScheduledId, Result: output })
      : serializeEvent('SubOrchestrationInstanceFailed', now(), {
          TaskScheduledId,
          Reason: `Sub-orchestration '${row.name}' failed`,
          Details: message,
        });
  deliverEvent(context, row.parent, row.parentExecution, answer);
};

/** Restarts an instance with another input: it keeps its id and custom status, and gets a new execution and history. */
export const continueAsNew = (
  { store, readyIds, dropSession, now }: HostContext,
  row: InstanceRow,
  input: string,
): void => {
  store.work.clearTimers(row.id);
  store.inbox.clearAnswers(row.id);
  store.history.clear(row.id);
  store.instances.put({
    ...row,
    execution: randomUUID(),
    status: 'ContinuedAsNew',
    scheduled: 0,
    input,
    updated: now(),
  });
  dropSession(row.id);
  readyIds.add(row.id);
};

/** Removes an ended instance and its ended descendants. Returns the number of removed instances. */
export const purgeInstance = (context: HostContext, id: string): number => {
  const { store } = context;
  let purged = 0;
  for (const waiting = [id]; waiting.length > 0;) {
    const next = waiting.pop() as string;
    const row = store.instances.get(next);
    if (!row || !hasEnded(row.status)) continue;
    waiting.push(...store.instances.children(next));
    deleteInstance(context, next);
    purged += 1;
  }
  return purged;
};

const deleteInstance = ({ store, dropSession }: HostContext, id: string): void => {
  store.inbox.clear(id);
  store.work.clear(id);
  store.history.clear(id);
  store.instances.remove(id);
  dropSession(id);
};
