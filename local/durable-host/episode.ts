import { startInstance, continueAsNew, endInstance, type HostContext } from './instances.ts';
import { serializeEvent, type HistoryEvent } from './session/history-events.ts';
import type { ScheduledTask } from './session/scheduled-task.ts';
import { failedOutcome, type ExecutionEnd, type EpisodeOutcome } from './session/session.ts';
import { UnplayableError, type SessionCache } from './session-cache.ts';
import { hasEnded, type InstanceRow } from './store/store.ts';

/** The maximum number of events in one episode. The next episode processes the rest. */
const maxEvents = 1_000;

/** One step of an instance: its new events, and the number of the last message of its inbox that they come from. */
export type Episode = { row: InstanceRow; events: string[]; lastMessage: number | undefined };

/** Prepares the next step of an instance, without changes to the store. Returns undefined if there is nothing to do. */
export const prepareEpisode = ({ store, now }: HostContext, id: string): Episode | undefined => {
  const row = store.instances.get(id);
  if (!row || hasEnded(row.status) || row.status === 'Suspended') return undefined;
  const isFirst = row.status === 'Pending' || row.status === 'ContinuedAsNew';
  const messages = store.inbox.next(id, maxEvents);
  if (!isFirst && messages.length === 0) return undefined;
  const time = now();
  const opening = [
    serializeEvent('OrchestratorStarted', time),
    ...(isFirst ? [serializeEvent('ExecutionStarted', time, { Name: row.name })] : []),
  ];
  return {
    row: { ...row, updated: time },
    events: [...opening, ...messages.map(({ event }) => event)],
    lastMessage: messages.at(-1)?.n,
  };
};

/** Runs the episodes of instances. */
export type Episodes = {
  /** Runs the episode of an instance that is ready, or marks it for `dispatch`. Called in a transaction. */
  run(id: string): void;
  /** Starts what happens outside of transactions. Called after each commit. */
  dispatch(): void;
  /** Drops what is in memory only, because it can be ahead of the store. Called after a rollback. */
  clear(): void;
  close(graceMilliseconds: number): Promise<void>;
};

/** Runs episodes with generators in this process: adds new events to the history, and passes them to the generator. */
export const createSessionEpisodes = (context: HostContext, sessions: SessionCache): Episodes => ({
  run: (id) => {
    context.readyIds.delete(id);
    const episode = prepareEpisode(context, id);
    if (episode) applyEpisode(context, episode, runSession(sessions, episode));
  },
  dispatch: () => {},
  clear: () => sessions.clear(),
  close: async () => {},
});

const runSession = (sessions: SessionCache, { row, events: texts }: Episode): EpisodeOutcome => {
  const events = texts.map((text) => JSON.parse(text) as HistoryEvent);
  try {
    return sessions.get(row, events[0]?.Timestamp).run(events);
  } catch (error) {
    if (!(error instanceof UnplayableError)) throw error;
    return failedOutcome(error.message);
  }
};

/** Applies the outcome of a step. */
export const applyEpisode = (context: HostContext, episode: Episode, outcome: EpisodeOutcome): void => {
  const { store, readyIds } = context;
  const { row: before, events, lastMessage } = episode;
  if (lastMessage !== undefined) store.inbox.removeThrough(before.id, lastMessage);
  if (events.length > maxEvents) readyIds.add(before.id);
  const row: InstanceRow = {
    ...before,
    status: 'Running',
    scheduled: before.scheduled + outcome.scheduled.length,
    customStatus: outcome.customStatus ?? before.customStatus,
  };
  store.history.append(row.id, [...events, ...outcome.scheduled.map((task) => schedule(context, row, task))]);
  outcome.canceledTimers.forEach((task) => store.work.cancelTimer(row.id, task));
  if (outcome.end) finishExecution(context, row, outcome);
  else store.instances.change(row);
};

const finishExecution = (context: HostContext, row: InstanceRow, outcome: EpisodeOutcome): void => {
  const { log } = context;
  const { pendingTimers } = outcome;
  const ending = outcome.end as ExecutionEnd;
  if (pendingTimers > 0 && ending.status === 'Completed') {
    log.warn(
      { instance: row.id, pendingTimers },
      'an orchestration completed with pending timers; on Azure, it keeps running until they fire',
    );
  }
  if (ending.status === 'ContinuedAsNew') return continueAsNew(context, row, ending.input);
  if (ending.status === 'Completed') return endInstance(context, row, { ...ending, message: '' });
  const message = `Orchestrator function '${row.name}' failed: ${ending.message}`;
  log.warn({ instance: row.id, orchestration: row.name }, message);
  endInstance(context, row, { status: 'Failed', output: JSON.stringify(message), message: ending.message });
};

/** Starts a task. Returns its event for the history. */
const schedule = (context: HostContext, row: InstanceRow, task: ScheduledTask): string => {
  const { store, dispatch, now } = context;
  const { id: instance, execution } = row;
  const { id: EventId } = task;
  if (task.kind === 'timer') {
    store.work.addTimer({ instance, execution, task: EventId, due: task.due });
    return serializeEvent('TimerCreated', now(), { EventId, FireAt: new Date(task.due).toISOString() });
  }
  if (task.kind === 'activity') {
    dispatch.push(
      store.work.addActivity({ instance, execution, task: EventId, name: task.name, input: task.input }),
    );
    return serializeEvent('TaskScheduled', now(), { EventId, Name: task.name });
  }
  const InstanceId = task.instanceId ?? `${instance}:${execution.slice(0, 8)}:${EventId}`;
  startChild(context, row, { ...task, instanceId: InstanceId });
  return serializeEvent('SubOrchestrationInstanceCreated', now(), { EventId, Name: task.name, InstanceId });
};

type ChildOrchestration = Extract<ScheduledTask, { kind: 'orchestration' }> & { instanceId: string };

const startChild = (
  context: HostContext,
  { id, execution }: InstanceRow,
  child: ChildOrchestration,
): void => {
  const { store, readyIds, now } = context;
  const known = store.instances.get(child.instanceId);
  if (!known || hasEnded(known.status)) {
    startInstance(context, {
      name: child.name,
      id: child.instanceId,
      input: child.input,
      parent: { id, execution, task: child.id },
    });
    return;
  }
  // The parent is still in this episode, so the answer goes to its inbox.
  const answer = serializeEvent('SubOrchestrationInstanceFailed', now(), {
    TaskScheduledId: child.id,
    Reason: `Sub-orchestration '${child.name}' failed`,
    Details: `An instance ${child.instanceId} is already running`,
  });
  store.inbox.add(id, execution, answer);
  readyIds.add(id);
};
