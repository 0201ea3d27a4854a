import type { Logger } from '../../../runtime/log.ts';
import { toBatchPrefix, type JobId } from '../../../contracts/ids.ts';
import {
  containers,
  relatedJobPath,
  relatedJobsPrefix,
  type BlobPath,
} from '../../../contracts/blob-paths.ts';
import type { Blobs } from '../../storage/port.ts';
import type { Chore, DurableClient, InstanceStatus } from '../durable.ts';
import { processEach } from '../process-each.ts';
import { toOwner } from '../job/job-ids.ts';
import { listInstances, endedStatuses } from '../job/instances.ts';
import { parseJobInstance, type JobInstance } from '../job/job-instance.ts';

export type PurgeOptions = { blobs: Blobs; retentionDays: number; log: Logger };

/** Removes jobs that ended longer ago than the retention, with their batches and blobs. */
export const purgeJobs = ({ blobs, retentionDays, log }: PurgeOptions): Chore => ({
  name: 'purge-jobs',
  everySeconds: 3_600,
  run: async (client) => {
    const before = new Date(Date.now() - retentionDays * 86_400_000).toISOString();
    const filter = { prefix: 'job-', statuses: endedStatuses, createdTo: before };
    const purgeIfOld = async (status: InstanceStatus): Promise<void> => {
      const job = parseJobInstance(status);
      if (!job || getEndTime(job) > before || (await isNeeded(blobs, job.id))) return;
      await purgeJob(client, blobs, job);
      log.info({ job: job.id }, 'purged');
    };
    await processEach(listInstances(client, filter), purgeIfOld, 'Could not purge all old jobs');
  },
});

const getEndTime = ({ end, status }: JobInstance): string => end?.endedAt ?? status.lastUpdatedTime;

/** Returns whether another origin has a job under this id. Until that job is purged, no job can be started under the id again. */
const isNeeded = async (blobs: Blobs, job: JobId): Promise<boolean> => {
  for await (const _other of blobs.list(relatedJobsPrefix(job))) return true;
  return false;
};

/** Removes a job's blobs and batches, and the job itself last, so that a failed purge is repeated. */
const purgeJob = async (
  client: DurableClient,
  blobs: Blobs,
  { id: job, input }: JobInstance,
): Promise<void> => {
  const { jobId = job, origin } = input.request;
  await Promise.all(containers.map((container) => deleteAll(blobs, `${container}/${job}/`)));
  const batches: string[] = [];
  for await (const { instanceId } of listInstances(client, { prefix: toBatchPrefix(job) }))
    batches.push(instanceId);
  for (const batch of batches) await client.purge(batch);
  if (jobId !== job) await blobs.delete([relatedJobPath(jobId, toOwner(origin))]);
  await client.purge(job);
};

/** The number of blobs that are deleted at once. */
const deleteBatchSize = 256;

const deleteAll = async (blobs: Blobs, prefix: BlobPath): Promise<void> => {
  let paths: BlobPath[] = [];
  for await (const { path } of blobs.list(prefix)) {
    paths.push(path);
    if (paths.length < deleteBatchSize) continue;
    await blobs.delete(paths);
    paths = [];
  }
  if (paths.length > 0) await blobs.delete(paths);
};
