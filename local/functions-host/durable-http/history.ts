import type { InstanceStatus } from '../../../compute/orchestrator/durable.ts';
import { eventTypes, hasEnded, type HistoryEvent } from '../../durable-host/durable-host.ts';

type View = Record<string, unknown>;

const getEventName = (type: number): string =>
  Object.entries(eventTypes).find(([, number]) => number === type)?.[0] ?? String(type);

/** Events that are not shown: steps of the executor, and scheduled tasks, which are shown with their results (`ScheduledTime`). */
const hidden: ReadonlySet<number> = new Set([
  eventTypes.OrchestratorStarted,
  eventTypes.TaskScheduled,
  eventTypes.SubOrchestrationInstanceCreated,
]);

/** Returns the history in the API's format: each task once, with the name of its function, and results only if requested. */
export const buildHistoryView = (
  status: InstanceStatus,
  events: readonly HistoryEvent[],
  withOutput: boolean,
): View[] => {
  const scheduled = new Map(
    events.filter(({ EventId }) => EventId >= 0).map((event) => [event.EventId, event]),
  );
  const shown = events
    .filter(({ EventType }) => !hidden.has(EventType))
    .map((event) => buildEventView(event, scheduled, withOutput));
  if (!hasEnded(status.runtimeStatus)) return shown;
  const last: View = {
    EventType: 'ExecutionCompleted',
    OrchestrationStatus: status.runtimeStatus,
    Timestamp: status.lastUpdatedTime,
  };
  return [...shown, withOutput ? { ...last, Result: status.output } : last];
};

const buildEventView = (
  event: HistoryEvent,
  scheduled: ReadonlyMap<number, HistoryEvent>,
  withOutput: boolean,
): View => {
  const task = scheduled.get(event.TaskScheduledId ?? event.TimerId ?? -1);
  const isStart = event.EventType === eventTypes.ExecutionStarted;
  const all: View = {
    EventType: getEventName(event.EventType),
    FunctionName: isStart ? event.Name : task?.Name,
    Name: isStart ? undefined : event.Name,
    FireAt: event.FireAt ?? task?.FireAt,
    Reason: event.Reason,
    Details: event.Details,
    Input: withOutput && event.Input !== undefined ? JSON.parse(event.Input) : undefined,
    Result: withOutput && event.Result !== undefined ? JSON.parse(event.Result) : undefined,
    ScheduledTime: task?.Timestamp,
    Timestamp: event.Timestamp,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
};
