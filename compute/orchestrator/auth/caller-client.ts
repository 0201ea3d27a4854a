import * as v from 'valibot';
import { JobId } from '../../../contracts/ids.ts';
import type { DurableClient, InstanceStatus } from '../durable.ts';
import type { JobIds } from '../job/job-ids.ts';
import type { JobInput } from '../job/job-state.ts';
import { parseJobInstance } from '../job/job-instance.ts';
import { ownsOrigin, type Caller } from './caller.ts';

/** The durable client of a request. */
export interface CallerClient extends DurableClient {
  /** Starts a job under an id, as `JobIds` does. */
  startJob(id: JobId, input: JobInput): Promise<{ started: boolean; status: InstanceStatus }>;
  /** Returns the job that an origin has under an id. @param owner as `ownerOf` returns it */
  findJob(id: string, owner: string): Promise<InstanceStatus | undefined>;
}

/**
 * The durable client as a caller may use it. To a guest, jobs that are not its business do not exist, and the management URIs, whose
 * key opens everything, are not told.
 */
export const createCallerClient = (caller: Caller, client: DurableClient, ids: JobIds): CallerClient => {
  const startJob = (id: JobId, input: JobInput) => ids.start(client, id, input);
  if (caller.kind === 'platform')
    return { ...client, startJob, findJob: (id, owner) => ids.find(client, id, owner) };
  /** A batch is as visible as its job, by whose id alone it is found. */
  const isVisible = (status: InstanceStatus): boolean => {
    const job = parseJobInstance(status);
    return !job || ownsOrigin(caller, job.input.request.origin);
  };
  const hideInvisible = (status: InstanceStatus | undefined) =>
    status && isVisible(status) ? status : undefined;
  /** Returns the caller's own job under an id that another origin has. */
  const findOwn = async (id: string): Promise<InstanceStatus | undefined> => {
    if (v.is(JobId, id))
      for await (const status of ids.listOthers(client, id)) if (isVisible(status)) return status;
    return undefined;
  };
  return {
    startJob,
    findJob: async (id, owner) => hideInvisible(await ids.find(client, id, owner)),
    start: async (name, id, input) => {
      const { started, status } = await client.start(name, id, input);
      return { started, status: isVisible(status) ? status : { ...status, input: null } };
    },
    status: async (id) => {
      const status = await client.status(id);
      return status && (hideInvisible(status) ?? findOwn(id));
    },
    list: async (filter) => {
      const { instances, continuation } = await client.list(filter);
      return { instances: instances.filter(isVisible), continuation };
    },
    raiseEvent: (id, name, data) => client.raiseEvent(id, name, data),
    terminate: (id, reason) => client.terminate(id, reason),
    purge: (id) => client.purge(id),
    managementUris: () => ({}),
  };
};
