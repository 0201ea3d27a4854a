import type { OrchestrationContext, RetryOptions } from 'durable-functions';
import * as contextModule from 'durable-functions/lib/src/orchestrations/DurableOrchestrationContext.js';
import * as schemaModule from 'durable-functions/lib/src/orchestrations/ReplaySchema.js';
import * as executorModule from 'durable-functions/lib/src/orchestrations/TaskOrchestrationExecutor.js';
import type { HistoryEvent } from './history-events.ts';

/*
 * The only file that uses internals of durable-functions 3.5.0, which is pinned exactly and guarded by a smoke test: its replay executor
 * and orchestration context are not public, and without the Functions host they cannot be used otherwise.
 */

/** A task that the executor tracks. Compound tasks (all, any, a retry) have children. */
export type TrackedTask = {
  id: number | string | false;
  /** The action; `noOp` for a later step of a retry. */
  actionObj: unknown;
  parent?: TrackedTask;
  children?: TrackedTask[];
  retryOptions?: RetryOptions;
};

type Generator = ReturnType<(context: OrchestrationContext) => Iterator<unknown>>;
type DurableContext = OrchestrationContext['df'] & { customStatus?: unknown };
type Played = Omit<HistoryEvent, 'Timestamp'> & { Timestamp: Date };

/** The members of `TaskOrchestrationExecutor` that we use. */
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

const { TaskOrchestrationExecutor } = executorModule as { TaskOrchestrationExecutor: typeof Executor };
const { DurableOrchestrationContext } = contextModule as {
  DurableOrchestrationContext: ContextConstructor;
};
const { LatestReplaySchema } = schemaModule as { LatestReplaySchema: number };

/** The limits of timers, as ISO 8601 durations: longer timers than `longest` become a chain of timers of the length `step`. */
type TimerLimits = { longest: string; step: string };

/** The host supports timers of any length. */
export const anyTimer: TimerLimits = { longest: 'P36500D', step: 'P36500D' };

/** The limits of the Durable Functions extension with Azure Storage. */
export const extensionTimers: TimerLimits = { longest: 'P6D', step: 'P3D' };

/** Without this value, a context refuses `callHttp` with an unrelated message. */
const pollingMilliseconds = 30_000;

/** An executor that reports each task when it gets its id. */
export class TrackingExecutor extends TaskOrchestrationExecutor {
  onScheduled: (id: number, task: TrackedTask) => void = () => {};

  override trackOpenTask(task: TrackedTask): void {
    if (task.children === undefined && task.id === false) this.onScheduled(this.sequenceNumber, task);
    super.trackOpenTask(task);
  }

  override recordFireAndForgetAction(_action: unknown): void {
    throw new Error('The embedded durable host does not support entities');
  }
}

export type ContextOptions = {
  instanceId: string;
  parentId: string | undefined;
  input: unknown;
  startedAt: Date;
  timers: TimerLimits;
};

/** Returns the `context.df` of an orchestration that the executor drives. */
export const durableContext = (executor: TrackingExecutor, options: ContextOptions): DurableContext => {
  const { instanceId, parentId, input, startedAt, timers } = options;
  executor.schemaVersion = LatestReplaySchema;
  executor.context = new DurableOrchestrationContext(
    [],
    instanceId,
    startedAt,
    false,
    parentId,
    timers.step,
    timers.longest,
    pollingMilliseconds,
    LatestReplaySchema,
    input,
    executor,
  );
  return executor.context;
};
