/** The types of history events that the host writes, with their numbers in durable-functions. */
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
 * A history event in the format of durable-functions' executor: its type, its task (`EventId` of a scheduled task; `TaskScheduledId`,
 * `TimerId` or `Name` of a result), and its time (ISO 8601).
 */
export type HistoryEvent = {
  EventType: number;
  /** The id of the scheduled task; -1 for all other events. */
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

/** Serializes an event to the JSON in which it is stored. */
export const serializeEvent = (type: EventTypeName, at: number, fields: Fields = {}): string =>
  JSON.stringify({
    EventType: eventTypes[type],
    EventId: -1,
    IsPlayed: false,
    Timestamp: new Date(at).toISOString(),
    ...fields,
  } satisfies HistoryEvent);

/** Returns the identity of the task that an event records as scheduled, as `describeTask` does; nothing for all other events. */
export const describeScheduled = ({ EventType, Name }: HistoryEvent): string[] => {
  if (EventType === eventTypes.TaskScheduled) return [`activity ${Name}`];
  if (EventType === eventTypes.SubOrchestrationInstanceCreated) return [`orchestration ${Name}`];
  return EventType === eventTypes.TimerCreated ? ['timer'] : [];
};

/** Returns the message of a thrown value, which may not be an error. */
export const toErrorMessage = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);

/** Serializes a value to JSON. Values without JSON (`undefined`, functions) become null. @throws for a cycle or a bigint */
export const toJson = (value: unknown): string => JSON.stringify(value) ?? 'null';
