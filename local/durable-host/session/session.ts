import type { OrchestrationContext } from 'durable-functions';
import type { Logger } from '../../../runtime/log.ts';
import type { Orchestration } from '../../../compute/orchestrator/durable.ts';
import { describeScheduled, toErrorMessage, toJson, type HistoryEvent } from './history-events.ts';
import { durableContext, TrackingExecutor, type ContextOptions } from './executor.ts';
import { activityInput, describeTask, toScheduledTask, type ScheduledTask } from './scheduled-task.ts';

/** The end of an execution. All texts except the message are JSON. */
export type ExecutionEnd =
  | { status: 'Completed'; output: string }
  | { status: 'Failed'; message: string }
  | { status: 'ContinuedAsNew'; input: string };

/** The outcome of an episode. */
export type EpisodeOutcome = {
  scheduled: ScheduledTask[];
  /** The ids of timers that were canceled before they fired. */
  canceledTimers: number[];
  /** JSON; null if none was set in this execution. */
  customStatus: string | null;
  end: ExecutionEnd | undefined;
  /** The number of timers that are neither canceled nor fired. */
  pendingTimers: number;
};

/** Returns the outcome of an episode in which an execution fails. */
export const failedOutcome = (message: string): EpisodeOutcome => ({
  scheduled: [],
  canceledTimers: [],
  customStatus: null,
  end: { status: 'Failed', message },
  pendingTimers: 0,
});

export type SessionOptions = ContextOptions & {
  orchestration: Orchestration;
  name: string;
  executionId: string;
  log: Logger;
};

/** The code of an orchestration does not match its history. */
export class NonDeterminismError extends Error {
  override name = 'NonDeterminismError';
  constructor(what: string) {
    super(
      `Non-deterministic orchestration: ${what}. Its code was changed under a running instance, or it is not deterministic.`,
    );
  }
}

/** The generator of one execution. It takes events and returns outcomes, and does not access the store. */
export class OrchestrationSession {
  readonly executionId: string;
  readonly #executor = new TrackingExecutor();
  readonly #context: OrchestrationContext['df'] & { customStatus?: unknown };
  readonly #timers = new Map<number, () => boolean>();
  #scheduled: ScheduledTask[] = [];

  constructor(options: SessionOptions) {
    this.executionId = options.executionId;
    this.#context = durableContext(this.#executor, options);
    this.#executor.generator = options.orchestration(createInvocationContext(options, this.#context));
    this.#executor.onScheduled = (id, task) => {
      const scheduled = toScheduledTask(id, task, this.#context.currentUtcDateTime);
      this.#scheduled.push(scheduled);
      if (scheduled.kind === 'timer') this.#timers.set(id, scheduled.isCanceled);
    };
  }

  /**
   * Restores the generator's state after `history`.
   * @param scheduled the number of task ids that it had assigned
   * @throws NonDeterminismError
   */
  replay(history: readonly HistoryEvent[], scheduled: number): void {
    this.#play(history, true);
    if (this.#executor.exception !== undefined) {
      throw new NonDeterminismError(
        `it now fails where it continued before (${toErrorMessage(this.#executor.exception)})`,
      );
    }
    if (this.#executor.isDoneExecuting())
      throw new NonDeterminismError('it now ends where it continued before');
    const now = this.#scheduled.map(describeTask);
    const before = history.flatMap(describeScheduled);
    const at = before.findIndex((identity, index) => now[index] !== identity);
    if (at >= 0)
      throw new NonDeterminismError(`task ${at} was ${before[at]} and is now ${now[at] ?? 'missing'}`);
    if (now.length !== scheduled)
      throw new NonDeterminismError(`it had scheduled ${scheduled} tasks and now schedules ${now.length}`);
    this.#canceledTimers();
    this.#scheduled = [];
  }

  /** Passes new events to the generator. Never throws: an error of the orchestration is an outcome. */
  run(events: readonly HistoryEvent[]): EpisodeOutcome {
    try {
      this.#play(events, false);
      const customStatus =
        this.#context.customStatus === undefined ? null : toJson(this.#context.customStatus);
      const outcome = {
        scheduled: this.#scheduled,
        canceledTimers: this.#canceledTimers(),
        customStatus,
        end: this.#end(),
        pendingTimers: this.#timers.size,
      };
      this.#scheduled = [];
      this.#executor.actions = [];
      return outcome;
    } catch (error) {
      return failedOutcome(toErrorMessage(error));
    }
  }

  #play(events: readonly HistoryEvent[], isReplaying: boolean): void {
    this.#executor._isReplaying = isReplaying;
    for (const event of events) {
      this.#executor.processEvent({ ...event, Timestamp: new Date(event.Timestamp) });
      if (event.TimerId !== undefined) this.#timers.delete(event.TimerId);
      if (this.#executor.isDoneExecuting()) return;
    }
  }

  #end(): ExecutionEnd | undefined {
    const { exception, willContinueAsNew, output } = this.#executor;
    if (exception !== undefined) return { status: 'Failed', message: toErrorMessage(exception) };
    if (willContinueAsNew)
      return { status: 'ContinuedAsNew', input: activityInput(this.#executor.actions.at(-1)?.input) };
    return this.#executor.isDoneExecuting() ? { status: 'Completed', output: toJson(output) } : undefined;
  }

  #canceledTimers(): number[] {
    const canceled = [...this.#timers].filter(([, isCanceled]) => isCanceled()).map(([id]) => id);
    canceled.forEach((id) => this.#timers.delete(id));
    return canceled;
  }
}

/** Creates the invocation context around `context.df`, with the log functions for orchestrations. */
const createInvocationContext = (
  options: SessionOptions,
  df: OrchestrationContext['df'],
): OrchestrationContext => {
  const { name, instanceId, executionId, log } = options;
  const write =
    (level: 'trace' | 'debug' | 'info' | 'warn' | 'error') =>
    (...words: unknown[]): void => {
      if (!df.isReplaying)
        log[level]({ orchestration: name, instance: instanceId }, words.map(String).join(' '));
    };
  const levels = {
    log: write('info'),
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
  };
  return {
    df,
    functionName: name,
    invocationId: executionId,
    ...levels,
    error: write('error'),
  } as unknown as OrchestrationContext;
};
