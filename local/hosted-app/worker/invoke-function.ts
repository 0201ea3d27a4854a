import { randomUUID } from 'node:crypto';
import type { Logger } from '../../../runtime/log.ts';
import { writeLog, type FunctionsWorker, type RegisteredFunction } from './functions-worker.ts';
import type { Binding, RpcData } from './programming-model.ts';

/** A function with its trigger. */
export type TriggeredFunction = RegisteredFunction & { trigger: Binding; triggerName: string };

type Invocation = {
  /** The data of the trigger. */
  data: RpcData;
  metadata?: Readonly<Record<string, RpcData>>;
  invocationId?: string;
};

/** Calls a function. @throws the function's own error */
export type InvokeFunction = (
  called: TriggeredFunction,
  invocation: Invocation,
) => Promise<RpcData | null | undefined>;

export type InvokerOptions = {
  worker: FunctionsWorker;
  /** The data of input bindings besides the trigger, by the binding's type. */
  inputs: Readonly<Record<string, RpcData>>;
  log: Logger;
};

/** Returns a function that calls the app's functions as a worker does. */
export const createInvoker =
  ({ worker, inputs: known, log }: InvokerOptions): InvokeFunction =>
  async ({ name, bindings, callback, triggerName }, { data, metadata = {}, invocationId = randomUUID() }) => {
    const extraInputs = Object.entries(bindings).filter(
      ([bindingName, { direction }]) => direction === 'in' && bindingName !== triggerName,
    );
    const model = worker.model.getInvocationModel({
      invocationId,
      metadata: { name, bindings },
      request: {
        invocationId,
        inputData: [
          { name: triggerName, data },
          ...extraInputs.map(([input, { type }]) => ({ name: input, data: getInput(known, type) })),
        ],
        triggerMetadata: metadata,
      },
      state: undefined,
      log: (level, category, message) =>
        writeLog(log, level, { category, function: name, invocationId }, message),
    });
    const { context, inputs } = await model.getArguments();
    const result = await model.invokeFunction(context, inputs, callback);
    return (await model.getResponse(context, result)).returnValue;
  };

const getInput = (known: InvokerOptions['inputs'], type: string): RpcData => {
  const data = known[type];
  if (!data) throw new Error(`The hosted app has no data for the input binding ${type}`);
  return data;
};

/** Returns the functions with a type of trigger, such as `httpTrigger`. */
export const selectByTrigger = (
  functions: readonly RegisteredFunction[],
  type: string,
): TriggeredFunction[] =>
  functions.flatMap((one) => {
    const found = Object.entries(one.bindings).find(([, binding]) => binding.type === type);
    return found ? [{ ...one, triggerName: found[0], trigger: found[1] }] : [];
  });

/** Returns the value that a function returned to the Durable Functions extension. */
export const toValue = (data: RpcData | null | undefined): unknown => {
  if (data?.json !== undefined) return JSON.parse(data.json);
  return data?.string ?? data?.int ?? data?.double ?? null;
};
