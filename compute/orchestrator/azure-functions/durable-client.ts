import { setTimeout as sleep } from 'node:timers/promises';
import type { BlobPath } from '../../../contracts/blob-paths.ts';
import type { Blobs } from '../../storage/port.ts';
import type { DurableClient, InstanceStatus } from '../durable.ts';
import type { ClientBinding } from './client-binding.ts';
import { createDurableHttp } from './durable-http.ts';
import { toPage } from './paging.ts';

/**
 * Creates the app's durable client from a function's client binding. All calls go to the extension's listener on this machine.
 *
 * A claim makes the look-up and the start one step, because Durable Functions restarts an instance that has ended. A caller that finds
 * no instance first creates the blob `control/<id>/start`; only one caller can. The others wait for its instance. If the instance does
 * not appear in time, its caller has crashed, and the next one starts it. Durable Functions rejects the start of a running instance with
 * 409; it then counts as known. The claim is deleted when the job is purged.
 * @param claimMilliseconds the maximum wait for an instance that another caller has claimed
 */
export const createDurableClient = (
  { rpcBaseUrl, managementUrls }: ClientBinding,
  blobs: Blobs,
  claimMilliseconds = 5_000,
): DurableClient => {
  const http = createDurableHttp(rpcBaseUrl);

  const waitForInstance = async (id: string): Promise<InstanceStatus | undefined> => {
    for (const until = Date.now() + claimMilliseconds; Date.now() < until; await sleep(100)) {
      const status = await http.status(id);
      if (status) return status;
    }
    return undefined;
  };

  return {
    ...http,
    start: async (name, id, input) => {
      const known = await http.status(id);
      if (known) return { started: false, status: known };
      const claimed = await blobs.putOnce(getClaimPath(id), '{"v":1}', 'application/json');
      const other = claimed ? undefined : await waitForInstance(id);
      if (other) return { started: false, status: other };
      try {
        await http.start(name, id, input);
      } catch (error) {
        const rival = await http.status(id);
        if (rival) return { started: false, status: rival };
        throw error;
      }
      return { started: true, status: toPendingStatus(name, id, input) };
    },
    list: async ({ top, continuation, ...filter }) => toPage(await http.list(filter), top, continuation),
    managementUris: (id) =>
      Object.fromEntries(
        Object.entries(managementUrls).map(([name, uri]) => [name, uri.replace(managementUrls.id, () => id)]),
      ),
  };
};

const getClaimPath = (id: string): BlobPath => `control/${id}/start`;

/** Returns the status of an instance that has just been started. */
const toPendingStatus = (name: string, instanceId: string, input: unknown): InstanceStatus => {
  const now = new Date().toISOString();
  const times = { createdTime: now, lastUpdatedTime: now };
  return { name, instanceId, runtimeStatus: 'Pending', input, customStatus: null, output: null, ...times };
};
