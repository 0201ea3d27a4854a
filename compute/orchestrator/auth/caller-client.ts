import * as v from 'valibot';
import { JobId } from '../../../contracts/ids.ts';
import type { DurableClient, InstanceStatus } from '../durable.ts';
import type { JobIds } from '../job/job-ids.ts';
import type { JobInput } from '../job/job-state.ts';
import { jobInstance } from '../job/job-instance.ts';
import { ownsOrigin, type Caller } from './caller.ts';

/** The durable client of a request. */
export interface CallerClient extends DurableClient {
  /** Starts a job under an id, as `JobIds` does. */
  startJob(id: JobId, input: JobInput): Promise<{ started: boolean; status: InstanceStatus }>;
  /** Returns the job that an origin has under an id. @param owner as `ownerOf` returns it */
  jobOf(id: string, owner: string): Promise<InstanceStatus | undefined>;
}

/**
 * The durable client as a caller may use it. To a guest, jobs that are not its business do not exist, and the management URIs, whose
 * key opens everything, are not told.
 */
export const clientFor = (caller: Caller, client: DurableClient, ids: JobIds): CallerClient => {
  const startJob = (id: JobId, input: JobInput) => ids.start(client, id, input);
  if (caller.kind === 'platform')
    return { ...client, startJob, jobOf: (id, owner) => ids.find(client, id, owner) };
  /** A batch is as visible as its job, by whose id alone it is found. */
  const sees = (status: InstanceStatus): boolean => {
    const job = jobInstance(status);
    return !job || ownsOrigin(caller, job.input.request.origin);
  };
  const seen = (status: InstanceStatus | undefined) => (status && sees(status) ? status : undefined);
  /** Returns the caller's own job under an id that another origin has. */
  const own = async (id: string): Promise<InstanceStatus | undefined> => {
    if (v.is(JobId, id)) for await (const status of ids.others(client, id)) if (sees(status)) return status;
    return undefined;
  };
  return {
    startJob,
    jobOf: async (id, owner) => seen(await ids.find(client, id, owner)),
    start: async (name, id, input) => {
      const { started, status } = await client.start(name, id, input);
      return { started, status: sees(status) ? status : { ...status, input: null } };
    },
    status: async (id) => {
      const status = await client.status(id);
      return status && (seen(status) ?? own(id));
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
