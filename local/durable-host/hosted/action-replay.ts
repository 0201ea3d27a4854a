import { NonDeterminismError } from '../session/session.ts';
import {
  activityInput,
  createTimer,
  describeTask,
  getRetryDelay,
  toTask,
} from '../session/scheduled-task.ts';
import type { Action, ScheduledTask } from '../session/scheduled-task.ts';
import { describeScheduled, eventTypes, type HistoryEvent } from '../session/history-events.ts';
import type { HostedAction } from './orchestrator-state.ts';
import { EventWaits, Wait, waitForAll, waitForAny } from './wait.ts';

/** The limits of timers in the extension with Azure Storage, in milliseconds: a longer one becomes a chain of shorter ones. */
export const timerLimits = { longest: 6 * 86_400_000, step: 3 * 86_400_000 };

/** The numbers of the actions that schedule no task of their own. */
const actionTypes = { continueAsNew: 4, timer: 5, event: 6, any: 11, all: 12 };

/** The state of an answer's actions at the end of a history. */
export type ReplayOutcome = {
  /** The tasks that the history does not contain yet. */
  scheduled: ScheduledTask[];
  /** The ids of the timers that were canceled before they fired. */
  canceledTimers: number[];
  /** Whether all actions have settled, and no task is open. Before, an execution does not end. */
  isComplete: boolean;
  /** The input of the next execution, as JSON, if the orchestration continues as new. */
  nextInput: string | undefined;
};

/**
 * Carries out the actions of an answer along the history, as the Durable Functions extension does at each episode
 * (OutOfProcOrchestrationShim.cs and DurableOrchestrationContext.cs, on Azure/durabletask: TaskOrchestrationContext.cs).
 *
 * An action is carried out when the one before it has settled. Each task gets the next id: those of the actions, and those that the
 * extension adds, which are the delays and attempts of a retry and the steps of a long timer.
 */
export class ActionReplay {
  readonly #actions: readonly HostedAction[];
  readonly #events = new EventWaits();
  /** The tasks that the actions have scheduled, until the history contains them. */
  readonly #scheduled = new Map<number, ScheduledTask>();
  /** The callbacks for the ends of tasks, by the ids of the tasks. */
  readonly #open = new Map<number, (hasFailed: boolean) => void>();
  readonly #canceledTimers: number[] = [];
  #now = 0;
  #nextAction = 0;
  #nextId = 0;
  #nextInput: string | undefined;

  constructor(actions: readonly HostedAction[]) {
    this.#actions = actions;
  }

  /** @throws NonDeterminismError if the history contains a task that the actions have not scheduled */
  play(history: readonly HistoryEvent[]): ReplayOutcome {
    history.forEach((event) => this.#process(event));
    return {
      scheduled: [...this.#scheduled.values()],
      canceledTimers: this.#canceledTimers,
      isComplete: this.#nextAction > this.#actions.length && this.#open.size === 0,
      nextInput: this.#nextInput,
    };
  }

  #process(event: HistoryEvent): void {
    const { EventType, TaskScheduledId, TimerId, Name } = event;
    const [recorded] = describeScheduled(event);
    if (EventType === eventTypes.OrchestratorStarted) this.#now = Date.parse(event.Timestamp);
    else if (EventType === eventTypes.ExecutionStarted) this.#carryOutNext();
    else if (recorded !== undefined) this.#match(event.EventId, recorded);
    else if (EventType === eventTypes.EventRaised) this.#events.raise(Name ?? '');
    else this.#end(TaskScheduledId ?? TimerId ?? -1, failures.includes(EventType));
  }

  /** Removes a task that the history contains from those to schedule. */
  #match(id: number, recorded: string): void {
    const task = this.#scheduled.get(id);
    const now = task && describeTask(task);
    if (now !== recorded)
      throw new NonDeterminismError(`task ${id} was ${recorded} and is now ${now ?? 'missing'}`);
    this.#scheduled.delete(id);
  }

  #end(id: number, hasFailed: boolean): void {
    const onEnd = this.#open.get(id);
    this.#open.delete(id);
    onEnd?.(hasFailed);
  }

  #carryOutNext(): void {
    const action = this.#actions[this.#nextAction];
    this.#nextAction += 1;
    if (action) this.#carryOut(action).onSettled(() => this.#carryOutNext());
  }

  #carryOut(action: HostedAction): Wait {
    const { actionType, compoundActions = [], externalEventName = '' } = action;
    const carryOutAll = () => compoundActions.map((child) => this.#carryOut(child));
    if (actionType === actionTypes.any) return waitForAny(carryOutAll());
    if (actionType === actionTypes.all) return waitForAll(carryOutAll());
    if (actionType === actionTypes.event) return this.#events.wait(externalEventName);
    if (actionType === actionTypes.continueAsNew) this.#nextInput = activityInput(action.input);
    if (actionType === actionTypes.continueAsNew) return waitForAll([]);
    const wait = new Wait();
    if (actionType === actionTypes.timer) this.#carryOutTimer(action, wait);
    else this.#carryOutCall(action, wait, 1);
    return wait;
  }

  #carryOutTimer({ fireAt, isCanceled }: HostedAction, wait: Wait): void {
    const end = fireAt == null ? Number.NaN : Date.parse(fireAt);
    const { longest, step } = timerLimits;
    const wake = (at: number) => {
      const id = this.#schedule(
        createTimer(this.#nextId, at, () => false),
        () => (end <= this.#now ? wait.settle() : wake(Math.min(end, this.#now + step))),
      );
      if (!isCanceled) return;
      this.#open.delete(id);
      this.#canceledTimers.push(id);
      wait.settle();
    };
    wake(end - this.#now > longest ? this.#now + step : end);
  }

  /** Calls an activity or a sub-orchestration, and again after a delay if it fails and may be retried. */
  #carryOutCall(action: HostedAction, wait: Wait, attempt: number): void {
    const { retryOptions: retry } = action;
    this.#schedule(toTask(this.#nextId, action as unknown as Action), (hasFailed) => {
      if (!hasFailed || !retry) return wait.settle();
      const isLast = attempt >= retry.maxNumberOfAttempts;
      // The extension waits even after the last attempt, with a timer that is due at once.
      const at = isLast ? this.#now : this.#now + getRetryDelay(attempt, retry);
      this.#schedule(
        createTimer(this.#nextId, at, () => false),
        () => (isLast ? wait.settle() : this.#carryOutCall(action, wait, attempt + 1)),
      );
    });
  }

  #schedule(task: ScheduledTask, onEnd: (hasFailed: boolean) => void): number {
    const { id } = task;
    this.#nextId = id + 1;
    this.#scheduled.set(id, task);
    this.#open.set(id, onEnd);
    return id;
  }
}

const failures: readonly number[] = [eventTypes.TaskFailed, eventTypes.SubOrchestrationInstanceFailed];
