import type {
  DurableClient,
  InstanceFilter,
  InstanceStatus,
  RuntimeStatus,
} from '../../compute/orchestrator/durable.ts';
import { startInstance, deliverEvent, endInstance, purgeInstance, type HostContext } from './instances.ts';
import type { GroupCommit } from './group-commit.ts';
import { serializeEvent, toJson, type HistoryEvent } from './session/history-events.ts';
import { endedStatuses, hasEnded, toInstanceStatus, type InstanceRow } from './store/store.ts';

/** Selects ended instances to purge. Times are ISO 8601. */
export type PurgeFilter = { createdFrom: string; createdTo?: string; statuses?: readonly RuntimeStatus[] };

/** All operations of Durable Functions' own HTTP API, in addition to those that the app uses. */
export interface HostClient extends DurableClient {
  /** Starts an instance unless one with this id is running. Replaces an ended one. */
  startOver(name: string, id: string, input: unknown): Promise<{ started: boolean; status: InstanceStatus }>;
  /** Returns false if the instance is unknown or has ended. */
  suspend(id: string): Promise<boolean>;
  /** Returns false if the instance is unknown or has ended. */
  resume(id: string): Promise<boolean>;
  /** Returns the events of the current execution; undefined for an unknown instance. */
  history(id: string): Promise<HistoryEvent[] | undefined>;
  /** Removes an ended instance and its sub-orchestrations. Returns the number of removed instances, 0 if it is unknown or running. */
  purgeTree(id: string): Promise<number>;
  /** Removes ended instances by time and status, with their sub-orchestrations. Returns the number of removed instances. */
  purgeCreated(filter: PurgeFilter): Promise<number>;
  /** Returns whether an orchestration with this name is registered. */
  hasOrchestration(name: string): boolean;
}

/** Returns the problem with an instance id by Durable Functions' rules; undefined if it is valid. */
export const instanceIdProblem = (id: string): string | undefined => {
  if (id === '' || id.length > 256) return 'Instance ids must have 1 to 256 characters.';
  if (id.startsWith('@')) return 'Instance ids must not start with @.';
  // oxlint-disable-next-line no-control-regex
  return /[/\\#?\u0000-\u001f\u007f-\u009f]/.test(id)
    ? 'Instance ids must not contain / \\ # ? or control characters.'
    : undefined;
};

/** Returns the problem with the name of an event; undefined if it is valid. A name of digits could be confused with the number of a task. */
export const eventNameProblem = (name: string): string | undefined =>
  name.trim() === '' || /^\d+$/.test(name)
    ? 'Event names must not be empty or consist of digits alone.'
    : undefined;

const requireValid = (problem: string | undefined): void => {
  if (problem !== undefined) throw new RangeError(problem);
};

export type HostClientOptions = {
  context: HostContext;
  groupCommit: GroupCommit;
  managementUris: (id: string) => Record<string, string>;
};

/** Creates a client of an open host. Reads return committed data; writes resolve when they are committed. */
export const createHostClient = ({ context, groupCommit, managementUris }: HostClientOptions): HostClient => {
  const { store, now } = context;
  const startUnless = createStarter(context, groupCommit);

  /** Applies a change to a running instance. Returns false if there is none. */
  const changeLive = (id: string, change: (row: InstanceRow) => void): Promise<boolean> =>
    groupCommit.submit(() => {
      const row = store.instances.get(id);
      if (!row || hasEnded(row.status)) return false;
      change(row);
      return true;
    });

  return {
    hasOrchestration: (name) => isRegistered(context, name),
    managementUris,
    start: (name, id, input) => startUnless(() => true, name, id, input),
    startOver: (name, id, input) => startUnless((row) => !hasEnded(row.status), name, id, input),
    status: async (id) => {
      const row = store.instances.get(id);
      return row && toInstanceStatus(row);
    },
    list: async (filter: InstanceFilter) => {
      const { rows, continuation } = store.list(filter);
      return { instances: rows.map(toInstanceStatus), continuation };
    },
    history: async (id) =>
      store.instances.get(id) && store.history.all(id).map((text) => JSON.parse(text) as HistoryEvent),
    raiseEvent: async (id, name, data) => {
      requireValid(eventNameProblem(name));
      const event = serializeEvent('EventRaised', now(), { Name: name, Input: toJson(data) });
      return groupCommit.submit(() => deliverEvent(context, id, null, event));
    },
    terminate: (id, reason) =>
      changeLive(id, (row) =>
        endInstance(context, row, { status: 'Terminated', output: JSON.stringify(reason), message: reason }),
      ),
    suspend: (id) =>
      changeLive(id, (row) => store.instances.change({ ...row, status: 'Suspended', updated: now() })),
    resume: (id) => changeLive(id, (row) => resume(context, row)),
    purge: async (id) => (await groupCommit.submit(() => purgeInstance(context, id))) > 0,
    purgeTree: (id) => groupCommit.submit(() => purgeInstance(context, id)),
    purgeCreated: (filter) => groupCommit.submit(() => purgeInstances(context, filter)),
  };
};

const isRegistered = ({ orchestrations }: HostContext, name: string): boolean =>
  Object.hasOwn(orchestrations, name);

/** Returns a function that starts an instance unless `isRetained` holds for the existing instance with this id. */
const createStarter =
  (context: HostContext, groupCommit: GroupCommit) =>
  async (isRetained: (row: InstanceRow) => boolean, name: string, id: string, input: unknown) => {
    requireValid(instanceIdProblem(id));
    const json = toJson(input);
    const result = await groupCommit.submit(() => {
      const existing = context.store.instances.get(id);
      if (existing && isRetained(existing)) return { started: false, status: toInstanceStatus(existing) };
      return (
        isRegistered(context, name) && {
          started: true,
          status: toInstanceStatus(startInstance(context, { name, id, input: json })),
        }
      );
    });
    if (result === false) throw new Error(`The orchestration '${name}' is not registered`);
    return result;
  };

const resume = ({ store, readyIds, now }: HostContext, row: InstanceRow): void => {
  if (row.status !== 'Suspended') return;
  const status = store.history.isEmpty(row.id) ? 'Pending' : 'Running';
  store.instances.change({ ...row, status, updated: now() });
  readyIds.add(row.id);
};

const purgeInstances = (context: HostContext, { createdFrom, createdTo, statuses }: PurgeFilter): number => {
  const filter: InstanceFilter = {
    createdFrom,
    ...(createdTo === undefined ? {} : { createdTo }),
    statuses: (statuses ?? endedStatuses).filter(hasEnded),
    top: Number.MAX_SAFE_INTEGER - 1,
  };
  return context.store.list(filter).rows.reduce((purged, { id }) => purged + purgeInstance(context, id), 0);
};
