import { toValue, type InvokeFunction, type TriggeredFunction } from './worker/invoke-function.ts';
import type { DurableStorage } from './durable-storage.ts';

type RegistryOptions = {
  /** Returns the functions with a type of trigger. */
  select: (type: string) => TriggeredFunction[];
  invoke: InvokeFunction;
  storage: DurableStorage;
};

/** Returns the app's orchestrations and activities for the durable host, which calls them through the worker. */
export const createRegistry = ({ select, invoke, storage }: RegistryOptions) => ({
  orchestrations: byName(
    select('orchestrationTrigger'),
    (called) => async (trigger: object) =>
      toValue(await invoke(called, { data: { string: JSON.stringify(trigger) } })),
  ),
  activities: byName(
    select('activityTrigger'),
    (called) => (input: unknown) =>
      storage.runDurably(async () =>
        toValue(await invoke(called, { data: { json: JSON.stringify(input ?? null) } })),
      ),
  ),
});

const byName = <T>(
  functions: readonly TriggeredFunction[],
  adapt: (called: TriggeredFunction) => T,
): Record<string, T> => Object.fromEntries(functions.map((called) => [called.name, adapt(called)]));
