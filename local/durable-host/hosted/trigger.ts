import type { Registry } from '../../../compute/orchestrator/durable.ts';
import type { HistoryEvent } from '../session/history-events.ts';

/**
 * What the Durable Functions extension gives the worker of a Functions app for one episode of an orchestration, as JSON
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
