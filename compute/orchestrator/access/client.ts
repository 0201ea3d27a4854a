import type { DurableClient, InstanceStatus } from '../durable.ts';
import { jobInstance } from '../view/job-instance.ts';
import { ownsOrigin, type Caller } from './caller.ts';

/**
 * The durable client as a caller may use it. To a guest, jobs that are not its business do not exist, and the management URIs, whose
 * key opens everything, are not told.
 */
export const clientFor = (caller: Caller, client: DurableClient): DurableClient => {
  if (caller.kind === 'platform') return client;
  /** A batch is as visible as its job, by whose id alone it is found. */
  const sees = (status: InstanceStatus): boolean => {
    const job = jobInstance(status);
    return !job || ownsOrigin(caller, job.input.request.origin);
  };
  return {
    start: async (name, id, input) => {
      const { started, status } = await client.start(name, id, input);
      // Somebody else's job has this id: it looks like one that was started with another request.
      return { started, status: sees(status) ? status : { ...status, input: null } };
    },
    status: async (id) => {
      const status = await client.status(id);
      return status && sees(status) ? status : undefined;
    },
    list: async (filter) => {
      const { instances, continuation } = await client.list(filter);
      return { instances: instances.filter(sees), continuation };
    },
    raiseEvent: (id, name, data) => client.raiseEvent(id, name, data),
    terminate: (id, reason) => client.terminate(id, reason),
    purge: (id) => client.purge(id),
    managementUris: () => ({}),
  };
};
