import type { Logger } from '../../runtime/log.ts';
import type { Registry } from '../../compute/orchestrator/durable.ts';
import { Activities, type ActivityEnd } from './activity-runner.ts';
import { Alarm } from './timer-service.ts';
import { hostClient, type HostClient } from './host-client.ts';
import { runEpisode } from './episode.ts';
import { deliver, type Ground } from './instances.ts';
import { Pump } from './group-commit.ts';
import { eventText } from './session/history-events.ts';
import { Sessions, type SessionMode } from './session-cache.ts';
import { openStore, type ActivityWork, type Store } from './store/store.ts';

export { eventNameProblem, instanceIdProblem, type HostClient, type PurgeFilter } from './host-client.ts';
export { eventTypes, type HistoryEvent } from './session/history-events.ts';
export type { SessionMode } from './session-cache.ts';
export { DurableFileInUse, hasEnded } from './store/store.ts';

export type DurableHostOptions = {
  /** The SQLite file; it is made if it is missing. Its folder must exist. */
  file: string;
  registry: Registry;
  log: Logger;
  /** The management URIs of a start's answer. */
  managementUris: (id: string) => Record<string, string>;
  /** By default `live`. */
  sessions?: SessionMode;
  /** The most activities at once; by default 32. */
  activities?: number;
  /** How long `close` waits for activities under way, in milliseconds; by default 5 000. */
  graceMilliseconds?: number;
  /** Milliseconds since 1970. */
  now?: () => number;
};

/** A Durable Functions host within this process. */
export type DurableHost = {
  client: HostClient;
  /**
   * Ends within the grace time: activities under way are waited for, those that take longer are abandoned and run again at
   * the next open.
   */
  close(): Promise<void>;
};

/** The most timers that one transaction fires. */
const mostTimers = 1_000;

/**
 * Opens a durable host on its file, and goes on with what the file holds: instances with unseen events, activities under way
 * (they run again: an activity is called at least once), timers. What a caller was told is committed, whatever ends the process.
 * @throws DurableFileInUse when the file belongs to another open host
 */
export const openDurableHost = async (options: DurableHostOptions): Promise<DurableHost> => {
  const { registry, log, now = Date.now, managementUris, graceMilliseconds = 5_000 } = options;
  const store = openStore(options.file);
  const sessions = new Sessions({ store, registry, mode: options.sessions ?? 'live', log });
  const ground: Ground = {
    store,
    registry,
    now,
    log,
    ready: readyIn(store),
    dispatch: [],
    forget: (id) => sessions.forget(id),
  };

  const pump = new Pump({
    store,
    ready: ground.ready,
    log,
    episode: (id) => runEpisode(ground, sessions, id),
    committed: () => {
      activities.dispatch(ground.dispatch.splice(0));
      alarm.set(store.work.nextDue());
    },
    rolledBack: () => {
      sessions.clear();
      ground.dispatch.length = 0;
      readyIn(store).forEach((id) => ground.ready.add(id));
    },
  });
  const activities = new Activities({
    activities: registry.activities,
    limit: options.activities ?? 32,
    load: store.work.activity,
    record: (work, end) => pump.record(() => answer(ground, work, end)),
    log,
  });
  const alarm = new Alarm(() => void pump.record(() => fire(ground)), now);

  activities.dispatch(store.work.activities());
  alarm.set(store.work.nextDue());
  pump.wake();
  return {
    client: hostClient({ ground, pump, managementUris }),
    close: closing({ activities, alarm, pump, store }, graceMilliseconds),
  };
};

const readyIn = (store: Store): Set<string> =>
  new Set([...store.instances.toBegin(), ...store.inbox.waiting()]);

/** An activity's end, unless its instance was purged meanwhile. */
const answer = (ground: Ground, work: ActivityWork, end: ActivityEnd): void => {
  const { store, now } = ground;
  if (!store.work.activity(work.n)) return;
  store.work.remove(work.n);
  const event =
    'result' in end
      ? eventText('TaskCompleted', now(), { TaskScheduledId: work.task, Result: end.result })
      : eventText('TaskFailed', now(), {
          TaskScheduledId: work.task,
          Reason: end.reason,
          Details: end.details,
        });
  deliver(ground, work.instance, work.execution, event);
};

const fire = (ground: Ground): void => {
  const { store, now } = ground;
  for (const timer of store.work.due(now(), mostTimers)) {
    store.work.remove(timer.n);
    deliver(ground, timer.instance, timer.execution, eventText('TimerFired', now(), { TimerId: timer.task }));
  }
};

type Parts = { activities: Activities; alarm: Alarm; pump: Pump; store: Store };

const closing = (
  { activities, alarm, pump, store }: Parts,
  graceMilliseconds: number,
): (() => Promise<void>) => {
  let closed: Promise<void> | undefined;
  const close = async () => {
    await activities.close(graceMilliseconds);
    pump.close();
    alarm.set(null);
    store.close();
  };
  return () => (closed ??= close());
};
