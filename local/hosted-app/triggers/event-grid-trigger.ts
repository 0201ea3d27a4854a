import type { EventFunction } from '../../../compute/orchestrator/durable.ts';
import type { InvokeFunction, TriggeredFunction } from '../worker/invoke-function.ts';

/** Returns the Event Grid functions. As in the Functions host, each event of a delivery is a call, and the whole delivery is repeated if one fails. */
export const createEventFunctions = (
  functions: readonly TriggeredFunction[],
  invoke: InvokeFunction,
): EventFunction[] =>
  functions.map((called) => ({
    name: called.name,
    handle: async (events) => {
      const data = events.map((event) => ({ json: JSON.stringify(event) }));
      await Promise.all(data.map((one) => invoke(called, { data: one })));
    },
  }));
