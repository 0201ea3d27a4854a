import { randomUUID } from 'node:crypto';
import type { Logger } from '../../runtime/log.ts';
import type { Registry } from '../../compute/orchestrator/durable.ts';
import { eventText } from './session/history-events.ts';
import { hasEnded, type InstanceRow, type Parent, type Store } from './store/store.ts';

/** What all parts of one open host share. Everything here is called within a transaction. */
export type Ground = {
  store: Store;
  registry: Registry;
  now: () => number;
  log: Logger;
  /** Ids of the instances that have something to do. */
  ready: Set<string>;
  /** Numbers of activities to dispatch once the transaction is committed. */
  dispatch: number[];
  /** Drops an instance's live generator. */
  forget: (id: string) => void;
};

type Beginning = { name: string; id: string; input: string; parent?: Parent };

/** Makes an instance in place of an ended one with the same id; its first episode follows in the same transaction. */
export const begin = (ground: Ground, { name, id, input, parent }: Beginning): InstanceRow => {
  const { store, now } = ground;
  if (store.instances.get(id)) erase(ground, id);
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
  ground.ready.add(id);
  return row;
};

/**
 * Puts an event into an instance's inbox, unless the instance is gone, has ended, or the event answers an earlier execution.
 * @param execution the execution it answers; null: whichever there is
 */
export const deliver = (ground: Ground, id: string, execution: string | null, event: string): boolean => {
  const row = ground.store.instances.get(id);
  if (!row || hasEnded(row.status) || (execution !== null && row.execution !== execution)) return false;
  ground.store.inbox.add(id, execution, event);
  ground.ready.add(id);
  return true;
};

export type Ending = { status: 'Completed' | 'Failed' | 'Terminated'; output: string; message: string };

/** Ends an instance, and answers its parent. Activities and sub-orchestrations under way are left alone. */
export const end = (ground: Ground, row: InstanceRow, ending: Ending): void => {
  const { store, now } = ground;
  const { status, output, message } = ending;
  store.instances.change({ ...row, status, output, updated: now() });
  store.inbox.clear(row.id);
  store.work.clearTimers(row.id);
  ground.forget(row.id);
  if (row.parent === null || row.parentTask === null) return;
  const TaskScheduledId = row.parentTask;
  const answer =
    status === 'Completed'
      ? eventText('SubOrchestrationInstanceCompleted', now(), { TaskScheduledId, Result: output })
      : eventText('SubOrchestrationInstanceFailed', now(), {
          TaskScheduledId,
          Reason: `Sub-orchestration '${row.name}' failed`,
          Details: message,
        });
  deliver(ground, row.parent, row.parentExecution, answer);
};

/** Lets an instance begin anew with another input: the same id and status, a new execution and history. */
export const beginAnew = ({ store, ready, forget, now }: Ground, row: InstanceRow, input: string): void => {
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
  forget(row.id);
  ready.add(row.id);
};

/** Removes an ended instance and those of its descendants that have ended too. Returns how many instances that were. */
export const purge = (ground: Ground, id: string): number => {
  const { store } = ground;
  let purged = 0;
  for (const waiting = [id]; waiting.length > 0;) {
    const next = waiting.pop() as string;
    const row = store.instances.get(next);
    if (!row || !hasEnded(row.status)) continue;
    waiting.push(...store.instances.children(next));
    erase(ground, next);
    purged += 1;
  }
  return purged;
};

const erase = ({ store, forget }: Ground, id: string): void => {
  store.inbox.clear(id);
  store.work.clear(id);
  store.history.clear(id);
  store.instances.remove(id);
  forget(id);
};
