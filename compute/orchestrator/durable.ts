import type { OrchestrationContext, Task } from 'durable-functions';

/** The steps of an orchestration that returns a `T`: a generator that yields durable tasks (durable-functions' classic form). */
export type Steps<T> = Generator<Task, T, never>;

/** An orchestration: deterministic steps. */
export type Orchestration = (context: OrchestrationContext) => Steps<unknown>;

/** An activity: an idempotent effect, called at least once. Input and output are JSON. */
export type Activity = (input: never) => Promise<unknown>;

/** The orchestrations and activities of an app, by their names in recorded histories. */
export type Registry = {
  orchestrations: Readonly<Record<string, Orchestration>>;
  activities: Readonly<Record<string, Activity>>;
};

export const runtimeStatuses = [
  'Pending',
  'Running',
  'Suspended',
  'ContinuedAsNew',
  'Completed',
  'Failed',
  'Terminated',
  'Canceled',
] as const;
export type RuntimeStatus = (typeof runtimeStatuses)[number];

/** An instance's status; times are ISO 8601. */
export type InstanceStatus = {
  name: string;
  instanceId: string;
  runtimeStatus: RuntimeStatus;
  input: unknown;
  customStatus: unknown;
  output: unknown;
  createdTime: string;
  lastUpdatedTime: string;
};

export type InstanceFilter = {
  prefix?: string;
  statuses?: readonly RuntimeStatus[];
  createdFrom?: string;
  createdTo?: string;
  top?: number;
  continuation?: string;
};

/** The error of a listing for a continuation that it has not returned. */
export class UnknownContinuationError extends Error {
  override name = 'UnknownContinuationError';
  constructor() {
    super('The continuation is not a value that this listing has returned');
  }
}

/** The methods of Durable Functions that routes and functions use, by the real client or by the embedded host. */
export interface DurableClient {
  /** Starts an instance unless its id is known in any state: look-up and start are one step. */
  start(name: string, id: string, input: unknown): Promise<{ started: boolean; status: InstanceStatus }>;
  status(id: string): Promise<InstanceStatus | undefined>;
  /** Returns one page, newest first. @throws UnknownContinuationError */
  list(filter: InstanceFilter): Promise<{ instances: InstanceStatus[]; continuation: string | undefined }>;
  /** Returns false if the instance is unknown or has ended. */
  raiseEvent(id: string, name: string, data: unknown): Promise<boolean>;
  /** Returns false if the instance is unknown or has ended. */
  terminate(id: string, reason: string): Promise<boolean>;
  /** Removes an ended instance and its history. */
  purge(id: string): Promise<boolean>;
  /** Returns the management URIs for the response to a start. They contain a system key that allows everything. */
  managementUris(id: string): Record<string, string>;
}

/** An HTTP route of the app with web-standard requests and responses, which the Functions app and the embedded host adapt. */
export type Route = {
  name: string;
  method: 'GET' | 'POST';
  /** Relative to `/api`, with `{name}` for parameters, as Azure Functions writes routes. */
  path: string;
  handle(
    request: Request,
    parameters: Readonly<Record<string, string>>,
    client: DurableClient,
  ): Promise<Response>;
};

/** An Event Grid function. It gets the events of one delivery, parsed as JSON. */
export type EventFunction = {
  name: string;
  handle(events: readonly unknown[], client: DurableClient): Promise<void>;
};

/** A function on a storage queue. If it fails, the host delivers the message again, and after its last attempt moves it to a poison queue. */
export type QueueFunction = {
  name: string;
  queue: string;
  /** The setting with the connection to the queue's storage account. */
  connection: string;
  /** @param message the message as the Functions worker passes it: parsed if it is JSON, otherwise its text */
  handle(message: unknown, client: DurableClient): Promise<void>;
};

/** A function on a schedule. */
export type TimerFunction = {
  name: string;
  everySeconds: number;
  handle(client: DurableClient): Promise<void>;
};

/** Recurring work, which a timer function runs. It is idempotent, and harmless while another process does it too. */
export type Chore = {
  /** The name in the log and in the record of its last run. */
  name: string;
  /** The interval between runs, at least one tick; missing: each tick. */
  everySeconds?: number;
  /** Whether it runs after the other chores of a tick. */
  isLast?: boolean;
  run(client: DurableClient): Promise<void>;
};

/** All parts of the orchestrator app. */
export type OrchestratorApp = {
  registry: Registry;
  routes: readonly Route[];
  events: readonly EventFunction[];
  queues: readonly QueueFunction[];
  timers: readonly TimerFunction[];
};
