import * as v from 'valibot';
import { JobId, createJobId } from '../../../contracts/ids.ts';
import type { Origin } from '../../../contracts/origin.ts';
import { relatedJobPath, relatedJobsPrefix, type BlobPath } from '../../../contracts/blob-paths.ts';
import { parseJson } from '../../../contracts/problem.ts';
import type { Blobs } from '../../storage/port.ts';
import type { DurableClient, InstanceStatus } from '../durable.ts';
import { orchestrators, type JobInput } from './job-state.ts';
import { parseJobInstance } from './job-instance.ts';

/*
 * Ids are derived from public facts, so any caller can request a job under the id of another repository's next comment. An id is
 * therefore bound to the first origin that uses it: for any other origin it stands for a job with a different id, which is random
 * and stored under `control/<job>/others/`, so that nobody can take it in advance.
 */

/** Returns the owner of a job: the `<host>/<repository id>` of its origin; empty without a repository. */
export const toOwner = ({ host = '', repository }: Origin): string =>
  repository ? `${host}/${repository.id}` : '';

/** Returns whether two owners are the same. An owner without a host matches any host. */
export const isSameOwner = (a: string, b: string): boolean =>
  a === b || (a.startsWith('/') && b.endsWith(a)) || (b.startsWith('/') && a.endsWith(b));

/** Jobs, by the ids under which their origins requested them. */
export type JobIds = {
  /** Starts a job unless its origin already has one under this id; the job's own id is in the status. */
  start(
    client: DurableClient,
    id: JobId,
    input: JobInput,
  ): Promise<{ started: boolean; status: InstanceStatus }>;
  /** Returns the job that an origin has under an id. @param owner as `toOwner` returns it */
  find(client: DurableClient, id: string, owner: string): Promise<InstanceStatus | undefined>;
  /** Returns the jobs that other origins have under a job's id. */
  listOthers(client: DurableClient, id: JobId): AsyncGenerator<InstanceStatus>;
};

const Other = v.object({ v: v.literal(1), job: JobId });

/** Returns the jobs under their requested ids. */
export const openJobIds = ({ blobs, flush }: { blobs: Blobs; flush: () => Promise<void> }): JobIds => {
  const read = async (path: BlobPath): Promise<JobId | undefined> => {
    const body = await blobs.get(path);
    const other = body && parseJson(Other, body.toString());
    if (other && !other.ok) throw new Error(`${path} does not contain an id: ${other.problem.message}`);
    return other?.value.job;
  };

  /** Returns the id that replaces an id which another origin uses. The first request creates it. */
  const reserve = async (id: JobId, owner: string): Promise<JobId> => {
    const path = relatedJobPath(id, owner);
    const body = JSON.stringify({ v: 1, job: createJobId() });
    // It must survive a crash, or the same request would start a second job.
    await blobs.putOnce(path, body, 'application/json');
    await flush();
    const other = await read(path);
    if (other === undefined) throw new Error(`${path} is gone`);
    return other;
  };

  return {
    start: async (client, id, input) => {
      const name = orchestrators[input.kind];
      const owner = toOwner(input.request.origin);
      const first = await client.start(name, id, input);
      if (first.started || isOwnedBy(first.status, owner)) return first;
      return client.start(name, await reserve(id, owner), input);
    },
    find: async (client, id, owner) => {
      const status = await client.status(id);
      if (!status || isOwnedBy(status, owner)) return status;
      const other = v.is(JobId, id) ? await read(relatedJobPath(id, owner)) : undefined;
      if (other !== undefined) return client.status(other);
      return isOfUnnamedHost(status, owner) ? status : undefined;
    },
    listOthers: async function* others(client, id) {
      for await (const { path } of blobs.list(relatedJobsPrefix(id))) {
        const other = await read(path);
        const status = other && (await client.status(other));
        if (status) yield status;
      }
    },
  };
};

const isOwnedBy = (status: InstanceStatus, owner: string): boolean => {
  const job = parseJobInstance(status);
  return job !== undefined && toOwner(job.input.request.origin) === owner;
};

/** Returns whether an instance is a job of the owner's repository without a host, which matches any host. */
const isOfUnnamedHost = (status: InstanceStatus, owner: string): boolean => {
  const { host, repository } = parseJobInstance(status)?.input.request.origin ?? {};
  return host === undefined && repository !== undefined && owner.endsWith(`/${repository.id}`);
};
