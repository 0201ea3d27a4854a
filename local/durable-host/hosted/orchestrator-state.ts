import * as v from 'valibot';
import { parseInput } from '../../../contracts/problem.ts';
import { toErrorMessage, toJson } from '../session/history-events.ts';

/** An action in the answer of a Functions worker: what durable-functions asks the extension to do, and to wait for. */
export type HostedAction = {
  actionType: number;
  functionName?: string | undefined;
  input?: unknown;
  instanceId?: string | null | undefined;
  /** ISO 8601; null for an invalid date. */
  fireAt?: string | null | undefined;
  isCanceled?: boolean | undefined;
  externalEventName?: string | undefined;
  retryOptions?: HostedRetryOptions | undefined;
  compoundActions?: HostedAction[] | undefined;
};

const RetryOptions = v.looseObject({
  firstRetryIntervalInMilliseconds: v.number(),
  maxNumberOfAttempts: v.number(),
  backoffCoefficient: v.optional(v.number()),
  maxRetryIntervalInMilliseconds: v.optional(v.number()),
  retryTimeoutInMilliseconds: v.optional(v.number()),
});
type HostedRetryOptions = v.InferOutput<typeof RetryOptions>;

const Action: v.GenericSchema<HostedAction> = v.looseObject({
  actionType: v.number(),
  functionName: v.optional(v.string()),
  input: v.optional(v.unknown()),
  instanceId: v.nullish(v.string()),
  fireAt: v.nullish(v.string()),
  isCanceled: v.optional(v.boolean()),
  externalEventName: v.optional(v.string()),
  retryOptions: v.optional(RetryOptions),
  compoundActions: v.optional(v.lazy(() => v.array(Action))),
});

/** The answer of a Functions worker: durable-functions' `OrchestratorState` as JSON, from schema version V2 on. */
const OrchestratorState = v.looseObject({
  isDone: v.boolean(),
  /** All actions since the start of the execution, in one inner list. */
  actions: v.tuple([v.array(Action)]),
  output: v.optional(v.unknown()),
  error: v.optional(v.string()),
  customStatus: v.optional(v.unknown()),
});
export type OrchestratorState = v.InferOutput<typeof OrchestratorState>;

/** The text before the state in the message of an orchestration's error. */
const stateLabel = '$OutOfProcData$:';

/**
 * Returns the state in an answer, or in the error with which the call ended.
 * @throws the error if it contains no state, and for an answer of another form
 */
export const readState = (answer: Promise<unknown>): Promise<OrchestratorState> =>
  answer.then(
    (value) => parseState(toJson(value)),
    (error: unknown) => {
      const message = toErrorMessage(error);
      const at = message.indexOf(stateLabel);
      if (at < 0) throw error;
      const state = parseState(message.slice(at + stateLabel.length));
      return { ...state, error: state.error ?? 'It threw an error without a message' };
    },
  );

const parseState = (json: string): OrchestratorState => {
  const read = parseInput(OrchestratorState, JSON.parse(json));
  if (read.ok) return read.value;
  throw new Error(`The Functions app did not answer with an orchestrator state: ${read.problem.message}`);
};
