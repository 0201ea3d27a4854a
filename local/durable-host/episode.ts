import { startInstance, continueAsNew, endInstance, type HostContext } from './instances.ts';
import { serializeEvent, type HistoryEvent } from './session/history-events.ts';
import type { ScheduledTask } from './session/scheduled-task.ts';
import type { ExecutionEnd, EpisodeOutcome } from './session/session.ts';
import { UnplayableError, type SessionCache } from './session-cache.ts';
import { hasEnded, type InstanceRow } from './store/store.ts';

/** The maximum number of events in one episode. The next episode processes the rest. */
const maxEvents = 1_000;

/** Runs one step of an instance: adds new events to its history, passes them to its generator, and starts the tasks that the generator schedules. */
export const runEpisode = (context: HostContext, sessions: SessionCache, id: string): void => {
  const { store, readyIds } = context;
  readyIds.delete(id);
  const row = store.instances.get(id);
  if (!row || hasEnded(row.status) || row.status === 'Suspended') return;
  const isFirst = row.status === 'Pending' || row.status === 'ContinuedAsNew';
  const messages = store.inbox.next(id, maxEvents);
  const last = messages.at(-1);
  if (!isFirst && !last) return;
  if (last) store.inbox.removeThrough(id, last.n);
  if (messages.length === maxEvents) readyIds.add(id);

  const now = context.now();
  const opening = [
    serializeEvent('OrchestratorStarted', now),
    ...(isFirst ? [serializeEvent('ExecutionStarted', now, { Name: row.name })] : []),
  ];
  const events = [...opening, ...messages.map(({ event }) => event)];
  const outcome = runSession(sessions, row, events);
  store.history.append(id, events);
  applyOutcome(context, sessions, { ...row, updated: now }, outcome);
};

const runSession = (sessions: SessionCache, row: InstanceRow, texts: readonly string[]): EpisodeOutcome => {
  const events = texts.map((text) => JSON.parse(text) as HistoryEvent);
  try {
    return sessions.get(row, events[0]?.Timestamp).run(events);
  } catch (error) {
    if (!(error instanceof UnplayableError)) throw error;
    return {
      scheduled: [],
      canceledTimers: [],
      customStatus: null,
      end: { status: 'Failed', message: error.message },
    };
  }
};

const applyOutcome = (
  context: HostContext,
  sessions: SessionCache,
  before: InstanceRow,
  outcome: EpisodeOutcome,
): void => {
  const { store } = context;
  const row: InstanceRow = {
    ...before,
    status: 'Running',
    scheduled: before.scheduled + outcome.scheduled.length,
    customStatus: outcome.customStatus ?? before.customStatus,
  };
  store.history.append(
    row.id,
    outcome.scheduled.map((task) => schedule(context, row, task)),
  );
  outcome.canceledTimers.forEach((task) => store.work.cancelTimer(row.id, task));
  if (outcome.end) finishExecution(context, sessions, row, outcome.end);
  else store.instances.change(row);
};

const finishExecution = (
  context: HostContext,
  sessions: SessionCache,
  row: InstanceRow,
  ending: ExecutionEnd,
): void => {
  const { log } = context;
  const pendingTimers = sessions.pendingTimers(row.id);
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
