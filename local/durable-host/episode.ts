import { begin, beginAnew, end, type Ground } from './instances.ts';
import { eventText, type HistoryEvent } from './session/history-events.ts';
import type { ScheduledTask } from './session/scheduled-task.ts';
import type { End, Outcome } from './session/session.ts';
import { Unplayable, type Sessions } from './session-cache.ts';
import { hasEnded, type InstanceRow } from './store/store.ts';

/** The most events that one episode takes in; what remains is for the next. */
const mostEvents = 1_000;

/** One step of an instance: new events into its history and generator, and what the generator asks for under way. */
export const runEpisode = (ground: Ground, sessions: Sessions, id: string): void => {
  const { store, ready } = ground;
  ready.delete(id);
  const row = store.instances.get(id);
  if (!row || hasEnded(row.status) || row.status === 'Suspended') return;
  const isFirst = row.status === 'Pending' || row.status === 'ContinuedAsNew';
  const messages = store.inbox.next(id, mostEvents);
  const last = messages.at(-1);
  if (!isFirst && !last) return;
  if (last) store.inbox.taken(id, last.n);
  if (messages.length === mostEvents) ready.add(id);

  const now = ground.now();
  const opening = [
    eventText('OrchestratorStarted', now),
    ...(isFirst ? [eventText('ExecutionStarted', now, { Name: row.name })] : []),
  ];
  const events = [...opening, ...messages.map(({ event }) => event)];
  const outcome = play(sessions, row, events);
  store.history.append(id, events);
  settle(ground, sessions, { ...row, updated: now }, outcome);
};

const play = (sessions: Sessions, row: InstanceRow, texts: readonly string[]): Outcome => {
  const events = texts.map((text) => JSON.parse(text) as HistoryEvent);
  try {
    return sessions.of(row, events[0]?.Timestamp).run(events);
  } catch (error) {
    if (!(error instanceof Unplayable)) throw error;
    return {
      scheduled: [],
      canceledTimers: [],
      customStatus: null,
      end: { status: 'Failed', message: error.message },
    };
  }
};

const settle = (ground: Ground, sessions: Sessions, before: InstanceRow, outcome: Outcome): void => {
  const { store } = ground;
  const row: InstanceRow = {
    ...before,
    status: 'Running',
    scheduled: before.scheduled + outcome.scheduled.length,
    customStatus: outcome.customStatus ?? before.customStatus,
  };
  store.history.append(
    row.id,
    outcome.scheduled.map((task) => schedule(ground, row, task)),
  );
  outcome.canceledTimers.forEach((task) => store.work.cancelTimer(row.id, task));
  if (outcome.end) conclude(ground, sessions, row, outcome.end);
  else store.instances.change(row);
};

const conclude = (ground: Ground, sessions: Sessions, row: InstanceRow, ending: End): void => {
  const { log } = ground;
  const pendingTimers = sessions.pendingTimers(row.id);
  if (pendingTimers > 0 && ending.status === 'Completed') {
    log.warn(
      { instance: row.id, pendingTimers },
      'an orchestration ended with timers neither fired nor canceled; on Azure it lives on until they fire',
    );
  }
  if (ending.status === 'ContinuedAsNew') return beginAnew(ground, row, ending.input);
  if (ending.status === 'Completed') return end(ground, row, { ...ending, message: '' });
  const message = `Orchestrator function '${row.name}' failed: ${ending.message}`;
  log.warn({ instance: row.id, orchestration: row.name }, message);
  end(ground, row, { status: 'Failed', output: JSON.stringify(message), message: ending.message });
};

/** Puts one task under way. Returns its line in the history. */
const schedule = (ground: Ground, row: InstanceRow, task: ScheduledTask): string => {
  const { store, dispatch, now } = ground;
  const { id: instance, execution } = row;
  const { id: EventId } = task;
  if (task.kind === 'timer') {
    store.work.addTimer({ instance, execution, task: EventId, due: task.due });
    return eventText('TimerCreated', now(), { EventId, FireAt: new Date(task.due).toISOString() });
  }
  if (task.kind === 'activity') {
    dispatch.push(
      store.work.addActivity({ instance, execution, task: EventId, name: task.name, input: task.input }),
    );
    return eventText('TaskScheduled', now(), { EventId, Name: task.name });
  }
  const InstanceId = task.instanceId ?? `${instance}:${execution.slice(0, 8)}:${EventId}`;
  beginChild(ground, row, { ...task, instanceId: InstanceId });
  return eventText('SubOrchestrationInstanceCreated', now(), { EventId, Name: task.name, InstanceId });
};

type Child = Extract<ScheduledTask, { kind: 'orchestration' }> & { instanceId: string };

const beginChild = (ground: Ground, { id, execution }: InstanceRow, child: Child): void => {
  const { store, ready, now } = ground;
  const known = store.instances.get(child.instanceId);
  if (!known || hasEnded(known.status)) {
    begin(ground, {
      name: child.name,
      id: child.instanceId,
      input: child.input,
      parent: { id, execution, task: child.id },
    });
    return;
  }
  // Its parent has not got past this episode yet, so the answer goes to the inbox as any other.
  const answer = eventText('SubOrchestrationInstanceFailed', now(), {
    TaskScheduledId: child.id,
    Reason: `Sub-orchestration '${child.name}' failed`,
    Details: `An instance ${child.instanceId} is running already`,
  });
  store.inbox.add(id, execution, answer);
  ready.add(id);
};
