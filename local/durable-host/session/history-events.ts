/** The kinds of history events that the host writes, by durable-functions' own numbers. */
export const eventTypes = {
  ExecutionStarted: 0,
  TaskScheduled: 4,
  TaskCompleted: 5,
  TaskFailed: 6,
  SubOrchestrationInstanceCreated: 7,
  SubOrchestrationInstanceCompleted: 8,
  SubOrchestrationInstanceFailed: 9,
  TimerCreated: 10,
  TimerFired: 11,
  OrchestratorStarted: 12,
  EventRaised: 15,
} as const;
export type EventTypeName = keyof typeof eventTypes;

/**
 * One history event as durable-functions' executor reads it: what happened, to which task (`EventId` of what was scheduled;
 * `TaskScheduledId`, `TimerId` or `Name` of what came back), and when (ISO 8601).
 */
export type HistoryEvent = {
  EventType: number;
  /** The id of the task that was scheduled; -1 for all else. */
  EventId: number;
  IsPlayed: boolean;
  Timestamp: string;
  Name?: string;
  TaskScheduledId?: number;
  TimerId?: number;
  InstanceId?: string;
  FireAt?: string;
  /** JSON. */
  Input?: string;
  /** JSON. */
  Result?: string;
  Reason?: string;
  Details?: string;
};

type Fields = Partial<Omit<HistoryEvent, 'EventType' | 'Timestamp' | 'IsPlayed'>>;

/** The event as the JSON text in which it is stored. */
export const serializeEvent = (type: EventTypeName, at: number, fields: Fields = {}): string =>
  JSON.stringify({
    EventType: eventTypes[type],
    EventId: -1,
    IsPlayed: false,
    Timestamp: new Date(at).toISOString(),
    ...fields,
  } satisfies HistoryEvent);

/** The text of a thrown value, whatever it is. */
export const toErrorMessage = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);

/** A value as JSON; what JSON does not know (`undefined`, a function) is null. @throws on a cycle or a bigint */
export const toJson = (value: unknown): string => JSON.stringify(value) ?? 'null';
