import type { Logger } from '../../runtime/log.ts';
import type { Registry } from '../../compute/orchestrator/durable.ts';
import { ActivityRunner, type ActivityOutcome } from './activity-runner.ts';
import { TimerService } from './timer-service.ts';
import { createHostClient, type HostClient } from './host-client.ts';
import { createSessionEpisodes, type Episodes } from './episode.ts';
import { HostedEpisodes } from './hosted/hosted-episodes.ts';
import { deliverEvent, type HostContext } from './instances.ts';
import { GroupCommit } from './group-commit.ts';
import { serializeEvent } from './session/history-events.ts';
import type { HostedRegistry } from './hosted/trigger.ts';
import { SessionCache, type SessionMode } from './session-cache.ts';
import { openDurableStore, type ActivityWork, type DurableStore } from './store/store.ts';

export { eventNameProblem, instanceIdProblem, type HostClient, type PurgeFilter } from './host-client.ts';
export { eventTypes, type HistoryEvent } from './session/history-events.ts';
export type { HostedRegistry, InvokeOrchestration, OrchestrationTrigger } from './hosted/trigger.ts';
export type { SessionMode } from './session-cache.ts';
export { DurableFileInUseError, hasEnded } from './store/store.ts';

export type DurableHostOptions = {
  /** The SQLite file, which is created if it is missing. Its folder must exist. */
  file: string;
  log: Logger;
  /** Returns the management URIs in the response to a start. */
  managementUris: (id: string) => Record<string, string>;
  /** The maximum number of concurrent activities; 32 by default. */
  activities?: number;
  /** How long `close` waits for running activities, in milliseconds; 5 000 by default. */
  graceMilliseconds?: number;
  /** Returns milliseconds since 1970. */
  now?: () => number;
} & AppOptions;

/** `sessions` is `live` by default. With `hosted`, the host calls the orchestrations as the Durable Functions extension does. */
type AppOptions =
  | { registry: Registry; sessions?: SessionMode }
  | { registry: HostedRegistry; sessions: 'hosted' };

/** A Durable Functions host in this process. */
export type DurableHost = {
  client: HostClient;
  /**
   * Closes the host within the grace period. Waits for running activities; those that take longer are abandoned and run again when the
   * host is opened.
   */
  close(): Promise<void>;
};

/** The maximum number of timers that fire in one transaction. */
const maxTimers = 1_000;

/**
 * Opens a durable host with its file, and continues its instances, activities (they run again: an activity is called at least once) and
 * timers. Every result that a caller has received is committed, however the process ends.
 * @throws DurableFileInUseError when the file belongs to another open host
 */
export const openDurableHost = async (options: DurableHostOptions): Promise<DurableHost> => {
  const { registry, log, now = Date.now, managementUris, graceMilliseconds = 5_000 } = options;
  const store = openDurableStore(options.file);
  const context: HostContext = {
    store,
    orchestrations: registry.orchestrations,
    now,
    log,
    readyIds: listReady(store),
    dispatch: [],
    dropSession: () => {},
  };
  const episodes = openEpisodes(options, context, () => groupCommit);
  const groupCommit = new GroupCommit({
    store,
    readyIds: context.readyIds,
    log,
    runEpisode: (id) => episodes.run(id),
    onCommit: () => {
      activities.dispatch(context.dispatch.splice(0));
      episodes.dispatch();
      timers.set(store.work.nextDue());
    },
    onRollback: () => {
      episodes.clear();
      context.dispatch.length = 0;
      listReady(store).forEach((id) => context.readyIds.add(id));
    },
  });
  const activities = new ActivityRunner({
    activities: registry.activities,
    limit: options.activities ?? 32,
    load: store.work.activity,
    record: (work, end) => groupCommit.record(() => recordOutcome(context, work, end)),
    log,
  });
  const timers = new TimerService(() => void groupCommit.record(() => fireTimers(context)), now);

  activities.dispatch(store.work.activities());
  timers.set(store.work.nextDue());
  groupCommit.wake();
  return {
    client: createHostClient({ context, groupCommit, managementUris }),
    close: createClose({ activities, episodes, timers, groupCommit, store }, graceMilliseconds),
  };
};

const openEpisodes = (
  options: DurableHostOptions,
  context: HostContext,
  groupCommit: () => GroupCommit,
): Episodes => {
  const { log, store } = context;
  if (options.sessions === 'hosted')
    return new HostedEpisodes({ context, orchestrations: options.registry.orchestrations, groupCommit });
  const { registry, sessions: mode = 'live' } = options;
  const sessions = new SessionCache({ store, registry, mode, log });
  context.dropSession = (id) => sessions.dropSession(id);
  return createSessionEpisodes(context, sessions);
};

const listReady = (store: DurableStore): Set<string> =>
  new Set([...store.instances.listUnstarted(), ...store.inbox.waiting()]);

/** Records the outcome of an activity, unless its instance was purged in the meantime. */
const recordOutcome = (context: HostContext, work: ActivityWork, end: ActivityOutcome): void => {
  const { store, now } = context;
  if (!store.work.activity(work.n)) return;
  store.work.remove(work.n);
  const event =
    'result' in end
      ? serializeEvent('TaskCompleted', now(), { TaskScheduledId: work.task, Result: end.result })
      : serializeEvent('TaskFailed', now(), {
          TaskScheduledId: work.task,
          Reason: end.reason,
          Details: end.details,
        });
  deliverEvent(context, work.instance, work.execution, event);
};

const fireTimers = (context: HostContext): void => {
  const { store, now } = context;
  for (const timer of store.work.due(now(), maxTimers)) {
    store.work.remove(timer.n);
    deliverEvent(
      context,
      timer.instance,
      timer.execution,
      serializeEvent('TimerFired', now(), { TimerId: timer.task }),
    );
  }
};

type Parts = {
  activities: ActivityRunner;
  episodes: Episodes;
  timers: TimerService;
  groupCommit: GroupCommit;
  store: DurableStore;
};

const createClose = (
  { activities, episodes, timers, groupCommit, store }: Parts,
  graceMilliseconds: number,
): (() => Promise<void>) => {
  let closed: Promise<void> | undefined;
  const close = async () => {
    await Promise.all([activities.close(graceMilliseconds), episodes.close(graceMilliseconds)]);
    groupCommit.close();
    timers.set(null);
    store.close();
  };
  return () => (closed ??= close());
};
