import type { JobId } from '../../../contracts/ids.ts';
import type { JobPresence, Launcher } from '../../launcher/port.ts';
import type { Chore, DurableClient } from '../durable.ts';
import { isLive } from '../job/instances.ts';

/**
 * Makes the launcher remove the runners whose jobs have ended or do not exist. Runs after the other chores, so that the runners of
 * terminated jobs are removed first: a cloud service limits how many can be removed at a time.
 */
export const sweepRunners = ({ launcher }: { launcher: Launcher }): Chore => ({
  name: 'sweep-runners',
  isLast: true,
  run: async (client) => launcher.sweep?.((job) => findJob(client, job)),
});

const findJob = async (client: DurableClient, job: JobId): Promise<JobPresence> => {
  const status = await client.status(job);
  if (!status) return 'unknown';
  return isLive(status) ? 'live' : 'ended';
};
