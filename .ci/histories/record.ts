import type { InstanceStatus } from '../../compute/orchestrator/durable.ts';
import { eventTypes, type HistoryEvent } from '../../local/durable-host/durable-host.ts';
import { openClockedHost, type ClockedHost } from '../../test/fixtures/clocked-host.ts';
import { orchestrations } from './orchestrations.ts';
import { decide } from './replay.ts';
import type { RecordedEvent, RecordedInstance, Recording } from './recorded.ts';
import type { Scenario } from './scenario.ts';

/** The time at which each scenario starts. */
export const startAt = Date.UTC(2026, 10, 30, 12);

/** Plays a scenario on a durable host that replays the whole history at each episode, and records its instances. */
export const record = async (scenario: Scenario): Promise<Recording> => {
  const { note, activities } = scenario;
  const host = await openClockedHost({ orchestrations, activities, sessions: 'replay', startAt });
  try {
    await scenario.play(host);
    const { instances } = await host.client.list({ top: 1_000 });
    const recorded = instances
      .filter(({ instanceId }) => scenario.isRecorded(instanceId))
      .toSorted((a, b) => (a.instanceId < b.instanceId ? -1 : 1));
    return { note, instances: await Promise.all(recorded.map((instance) => toRecorded(host, instance))) };
  } finally {
    await host.close();
  }
};

const toRecorded = async (
  host: ClockedHost,
  { name, instanceId, input }: InstanceStatus,
): Promise<RecordedInstance> => {
  const history = (await host.client.history(instanceId)) ?? [];
  const instance: RecordedInstance = {
    name,
    instanceId,
    input,
    episodes: splitEpisodes(history).map((events) => ({
      history: events,
      decisions: { scheduled: [], canceledTimers: [], customStatus: null, end: null },
    })),
  };
  for (const [at, episode] of instance.episodes.entries())
    episode.decisions = decide(orchestrations, instance, at);
  return instance;
};

const splitEpisodes = (history: readonly HistoryEvent[]): RecordedEvent[][] => {
  const episodes: RecordedEvent[][] = [];
  for (const { EventId, IsPlayed: _, ...event } of history) {
    if (event.EventType === eventTypes.OrchestratorStarted) episodes.push([]);
    episodes.at(-1)?.push(EventId === -1 ? event : { ...event, EventId });
  }
  return episodes;
};
