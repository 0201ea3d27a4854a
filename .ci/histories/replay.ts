import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Orchestration } from '../../compute/orchestrator/durable.ts';
import { eventTypes, type HistoryEvent } from '../../local/durable-host/durable-host.ts';
import { extensionTimers } from '../../local/durable-host/session/executor.ts';
import { OrchestrationSession } from '../../local/durable-host/session/session.ts';
import { createLogger } from '../../runtime/log.ts';
import type { Decisions, RecordedEvent, RecordedInstance, Recording } from './recorded.ts';

type Orchestrations = Readonly<Record<string, Orchestration>>;

/** The kinds of events that the decisions of an episode add. */
const scheduling: readonly number[] = [
  eventTypes.TaskScheduled,
  eventTypes.SubOrchestrationInstanceCreated,
  eventTypes.TimerCreated,
];

const log = createLogger('histories', 'silent');

/**
 * Replays an instance up to an episode, and runs that episode.
 * @returns its decisions, as JSON has them
 * @throws if the instance cannot be replayed up to the episode
 */
export const decide = (orchestrations: Orchestrations, instance: RecordedInstance, at: number): Decisions => {
  const session = openSession(orchestrations, instance);
  const earlier = instance.episodes.slice(0, at).flatMap(({ history }) => history.map(toEvent));
  if (at > 0)
    session.replay(earlier, earlier.filter(({ EventType }) => scheduling.includes(EventType)).length);
  const events = (instance.episodes[at]?.history ?? []).map(toEvent);
  const news = events.filter(({ EventType }) => !scheduling.includes(EventType));
  const { scheduled, canceledTimers, customStatus, end } = session.run(news);
  const decisions = { scheduled, canceledTimers, customStatus, end: end ?? null };
  return JSON.parse(JSON.stringify(decisions)) as Decisions;
};

const openSession = (
  orchestrations: Orchestrations,
  { name, instanceId, parentId, input, episodes }: RecordedInstance,
): OrchestrationSession => {
  const orchestration = orchestrations[name];
  if (!orchestration) throw new Error(`There is no orchestration ${name}`);
  const startedAt = new Date(episodes[0]?.history[0]?.Timestamp ?? Number.NaN);
  return new OrchestrationSession({
    orchestration,
    name,
    instanceId,
    executionId: 'recorded',
    parentId,
    input,
    startedAt,
    timers: extensionTimers,
    log,
  });
};

const toEvent = (event: RecordedEvent): HistoryEvent => ({ EventId: -1, IsPlayed: false, ...event });

/** Returns the first difference between recorded decisions and those of the current orchestrations; undefined if there is none. */
export const findDifference = (
  orchestrations: Orchestrations,
  { instances }: Recording,
): string | undefined => {
  for (const instance of instances)
    for (const [at, { decisions }] of instance.episodes.entries()) {
      const difference = compare(decisions, () => decide(orchestrations, instance, at));
      if (difference) return `${instance.name} ${instance.instanceId}, episode ${at}: ${difference}`;
    }
  return undefined;
};

const compare = (recorded: Decisions, getDecisions: () => Decisions): string | undefined => {
  try {
    const now = getDecisions();
    const field = (Object.keys(recorded) as (keyof Decisions)[]).find(
      (name) => !isDeepStrictEqual(recorded[name], now[name]),
    );
    return (
      field && `${field} was ${JSON.stringify(recorded[field])} and is now ${JSON.stringify(now[field])}`
    );
  } catch (error) {
    return (error as Error).message;
  }
};

/** Reads all recordings of a folder, with their paths, in the order of their names. */
export const readRecordings = async (folder: string): Promise<{ path: string; recording: Recording }[]> => {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return { path, recording: JSON.parse(await readFile(path, 'utf8')) as Recording };
    }),
  );
};
