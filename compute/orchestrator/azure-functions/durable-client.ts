import { setTimeout as sleep } from 'node:timers/promises';
import type { BlobPath } from '../../../contracts/blob-paths.ts';
import type { Blobs } from '../../storage/port.ts';
import type { DurableClient, InstanceStatus } from '../durable.ts';
import { createDurableHttp, type GetManagementUris } from './durable-http.ts';
import { toPage } from './paging.ts';

/** What is needed of durable-functions' client. */
export type SdkClient = {
  createHttpManagementPayload(id: string): unknown;
  startNew(name: string, options: { instanceId: string; input: unknown }): Promise<string>;
};

/**
 * The app's durable client over durable-functions' own.
 *
 * Look-up and start are one step by a claim: Durable Functions starts an id again whose instance has ended, so a caller that finds
 * no instance first creates the blob `control/<id>/start`, which only one can. Who did not waits for the winner's instance. If
 * none shows in time, the winner has died in between, and the next starts in its place; an instance that lives by then is refused
 * by Durable Functions with 409, and counts as known. The claim goes when the job is purged.
 * @param claimMilliseconds how long a start that another caller has claimed may take to show
 */
export const createDurableClient = (
  sdk: SdkClient,
  blobs: Blobs,
  claimMilliseconds = 5_000,
): DurableClient => {
  const getUris: GetManagementUris = (id) => sdk.createHttpManagementPayload(id) as Record<string, string>;
  const http = createDurableHttp(getUris);

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
        await sdk.startNew(name, { instanceId: id, input });
      } catch (fault) {
        const rival = await http.status(id);
        if (rival) return { started: false, status: rival };
        throw fault;
      }
      return { started: true, status: toPendingStatus(name, id, input) };
    },
    list: async ({ top, continuation, ...filter }) => toPage(await http.list(filter), top, continuation),
    managementUris: getUris,
  };
};

const getClaimPath = (id: string): BlobPath => `control/${id}/start`;

/** An instance that was started just now. */
const toPendingStatus = (name: string, instanceId: string, input: unknown): InstanceStatus => {
  const now = new Date().toISOString();
  const times = { createdTime: now, lastUpdatedTime: now };
  return { name, instanceId, runtimeStatus: 'Pending', input, customStatus: null, output: null, ...times };
};
