import type { Registry } from '../../../compute/orchestrator/durable.ts';
import type { HistoryEvent } from '../session/history-events.ts';
import type { InstanceRow } from '../store/store.ts';

/**
 * The data that the Durable Functions extension passes to a Functions worker for one episode of an orchestration, as JSON
 * (Azure/azure-functions-durable-extension: OrchestrationTriggerAttributeBindingProvider.cs).
 */
export type OrchestrationTrigger = {
  /** The whole history of the execution, including the new events of this episode. */
  history: HistoryEvent[];
  input: unknown;
  instanceId: string;
  isReplaying: boolean;
  parentInstanceId: string | null;
  /** Always V2. Newer versions are in `upperSchemaVersionNew`. */
  upperSchemaVersion: number;
  upperSchemaVersionNew: number;
  /** Durations as `d.hh:mm:ss`. */
  longRunningTimerIntervalDuration: string;
  maximumShortTimerDuration: string;
  /** The name is misspelled in the extension, too. */
  defaultHttpAsyncRequestSleepTimeMillseconds: number;
};

/**
 * Calls the orchestration function of a Functions app. Resolves with the state that the worker's function returned (durable-functions'
 * `OrchestratorState`), or rejects with its error, whose message ends with the state if the orchestration failed.
 */
export type InvokeOrchestration = (trigger: OrchestrationTrigger) => Promise<unknown>;

/** The functions of a hosted app, by their names. Only its orchestrations are called through their triggers. */
export type HostedRegistry = {
  orchestrations: Readonly<Record<string, InvokeOrchestration>>;
  activities: Registry['activities'];
};

/** The versions of the protocol that the extension supports, as numbers of durable-functions' `ReplaySchema`. */
const schemaVersions = { V2: 1, V3: 2 };

/** Returns the trigger of an episode: `past` is the history before it, `news` are its new events. */
export const createTrigger = (
  { id, input, parent }: Pick<InstanceRow, 'id' | 'input' | 'parent'>,
  past: readonly HistoryEvent[],
  news: readonly HistoryEvent[],
): OrchestrationTrigger => ({
  history: [...past.map((event) => ({ ...event, IsPlayed: true })), ...news.map((event) => ({ ...event }))],
  input: JSON.parse(input),
  instanceId: id,
  isReplaying: past.length > 0,
  parentInstanceId: parent,
  upperSchemaVersion: schemaVersions.V2,
  upperSchemaVersionNew: schemaVersions.V3,
  longRunningTimerIntervalDuration: '3.00:00:00',
  maximumShortTimerDuration: '6.00:00:00',
  defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
});
