import { leasePrefix } from '../../../contracts/blob-paths.ts';
import type { Blobs } from '../../storage/port.ts';
import type { Chore } from '../durable.ts';
import { processEach } from '../process-each.ts';
import { removeExpired } from './lease-store.ts';

/** Removes expired leases, whose holders ended without releasing them. */
export const removeLeases = ({ blobs }: { blobs: Blobs }): Chore => ({
  name: 'remove-leases',
  everySeconds: 3_600,
  run: async () => {
    await processEach(
      blobs.list(leasePrefix),
      ({ path }) => removeExpired(blobs, path),
      'Could not remove all expired leases',
    );
  },
});
