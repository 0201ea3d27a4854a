import { createRequire } from 'node:module';
import type { OrchestrationContext, RetryOptions } from 'durable-functions';
import type { HistoryEvent } from './history-events.ts';

/*
 * The one place that reaches into durable-functions 3.5.0, pinned exactly and guarded by a smoke test: its replay executor
 * and orchestration context are no public API, and without the Functions host there is no other way to them.
 */

/** A task as the executor tracks it. Compound tasks (all, any, a retry) have children. */
export type TrackedTask = {
  id: number | string | false;
  /** What is to be done; the text `noOp` for a later step of a retry. */
  actionObj: unknown;
  parent?: TrackedTask;
  children?: TrackedTask[];
  retryOptions?: RetryOptions;
};

type Generator = ReturnType<(context: OrchestrationContext) => Iterator<unknown>>;
type DurableContext = OrchestrationContext['df'] & { customStatus?: unknown };
type Played = Omit<HistoryEvent, 'Timestamp'> & { Timestamp: Date };

/** What we use of `TaskOrchestrationExecutor`. */
declare class Executor {
  schemaVersion: number;
  context: DurableContext;
  generator: Generator;
  actions: { actionType: number; input?: unknown }[];
  /** The id of the next task. */
  sequenceNumber: number;
  willContinueAsNew: boolean;
  output: unknown;
  exception: unknown;
  _isReplaying: boolean;
  processEvent(event: Played): void;
  isDoneExecuting(): boolean;
  trackOpenTask(task: TrackedTask): void;
  recordFireAndForgetAction(action: unknown): void;
}

type ContextConstructor = new (
  state: readonly unknown[],
  instanceId: string,
  currentUtcDateTime: Date,
  isReplaying: boolean,
  parentInstanceId: string | undefined,
  longRunningTimerIntervalDuration: string,
  maximumShortTimerDuration: string,
  defaultHttpAsyncRequestSleepTimeMilliseconds: number,
  schemaVersion: number,
  input: unknown,
  executor: Executor,
) => DurableContext;

const require = createRequire(import.meta.url);
const orchestrations = 'durable-functions/lib/src/orchestrations';
const { TaskOrchestrationExecutor } = require(`${orchestrations}/TaskOrchestrationExecutor`) as {
  TaskOrchestrationExecutor: typeof Executor;
};
const { DurableOrchestrationContext } = require(`${orchestrations}/DurableOrchestrationContext`) as {
  DurableOrchestrationContext: ContextConstructor;
};
const { LatestReplaySchema } = require(`${orchestrations}/ReplaySchema`) as { LatestReplaySchema: number };

/** Longer than any timer: the host waits for long ones by itself, so they need not be made of short ones. */
const anyTimer = 'P36500D';

/** Without it a context refuses `callHttp` with a text about something else. */
const pollingMilliseconds = 30_000;

/** Tells of each task as it gets its id. */
export class TrackingExecutor extends TaskOrchestrationExecutor {
  onScheduled: (id: number, task: TrackedTask) => void = () => {};

  override trackOpenTask(task: TrackedTask): void {
    if (task.children === undefined && task.id === false) this.onScheduled(this.sequenceNumber, task);
    super.trackOpenTask(task);
  }

  override recordFireAndForgetAction(_action: unknown): void {
    throw new Error('Entities are not offered by the embedded durable host');
  }
}

export type ContextOptions = {
  instanceId: string;
  parentId: string | undefined;
  input: unknown;
  startedAt: Date;
};

/** The `context.df` of an orchestration that this executor drives. */
export const durableContext = (executor: TrackingExecutor, options: ContextOptions): DurableContext => {
  const { instanceId, parentId, input, startedAt } = options;
  executor.schemaVersion = LatestReplaySchema;
  executor.context = new DurableOrchestrationContext(
    [],
    instanceId,
    startedAt,
    false,
    parentId,
    anyTimer,
    anyTimer,
    pollingMilliseconds,
    LatestReplaySchema,
    input,
    executor,
  );
  return executor.context;
};
