import { leasePrefix } from '../../../contracts/blob-paths.ts';
import type { Blobs } from '../../storage/port.ts';
import type { TimerFunction } from '../durable.ts';
import { removeExpired } from './lease-store.ts';

/** Removes leases that have run out: their holders ended without giving them back. */
export const removeLeases = ({ blobs }: { blobs: Blobs }): TimerFunction => ({
  name: 'RemoveLeases',
  everySeconds: 3_600,
  handle: async () => {
    for await (const { path } of blobs.list(leasePrefix)) await removeExpired(blobs, path);
  },
});
