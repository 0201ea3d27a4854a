import type { HistoryEvent } from '../../local/durable-host/durable-host.ts';

/** An event without the fields that are the same in most: `EventId` is -1 for all but scheduled tasks, `IsPlayed` is false. */
export type RecordedEvent = Omit<HistoryEvent, 'EventId' | 'IsPlayed'> & { EventId?: number };

/** The decisions of an orchestration in an episode. Texts are JSON, except messages. */
export type Decisions = {
  /** The tasks with their inputs and times. */
  scheduled: readonly object[];
  /** The ids of the timers that were canceled before they fired. */
  canceledTimers: readonly number[];
  customStatus: string | null;
  end: object | null;
};

/** The events of an episode, with those of the tasks that it scheduled, and its decisions. */
export type Episode = { history: RecordedEvent[]; decisions: Decisions };

/** An instance that a version of the orchestrations ran, from its start. */
export type RecordedInstance = {
  name: string;
  instanceId: string;
  parentId?: string;
  input: unknown;
  episodes: Episode[];
};

/** A file of recorded histories. `note`: what happens to its instances. */
export type Recording = { note: string; instances: RecordedInstance[] };

/** The folders of the histories that the last release recorded, and that older versions did. */
export const folders = { last: 'test/fixtures/histories', older: 'test/fixtures/older/histories' };
