import type { JobId } from '../../../contracts/ids.ts';
import type { Job, LinkName } from '../../../contracts/job.ts';
import {
  logPath,
  manifestPath,
  outputsPath,
  resultPath,
  type BlobPath,
} from '../../../contracts/blob-paths.ts';
import type { Blobs } from '../../storage/port.ts';
import type { JobInstance } from '../job/job-instance.ts';

export type LinkOptions = {
  blobs: Blobs;
  /** The lifetime of a link, in seconds. */
  linkSeconds: number;
};

const pathBuilders: Record<LinkName, (job: JobId) => BlobPath> = {
  result: resultPath,
  manifest: manifestPath,
  outputs: outputsPath,
  log: logPath,
};

/** Returns links with a new read SAS to the job's existing output blobs; null if there are none. */
export const buildLinks = async (
  job: JobInstance,
  { blobs, linkSeconds }: LinkOptions,
): Promise<Job['links']> => {
  const names = await getLinkNames(job, blobs);
  if (names.length === 0) return null;
  return Object.fromEntries(
    names.map((name) => {
      const path = pathBuilders[name](job.id);
      return [name, { path, url: blobs.signReadLink(path, linkSeconds) }];
    }),
  );
};

/** Returns the names of a job's links: from its output, or `log` for a running or terminated task with a log. */
const getLinkNames = async ({ id, input, end }: JobInstance, blobs: Blobs): Promise<readonly LinkName[]> => {
  if (end) return end.links;
  return input.kind === 'task' && (await blobs.exists(logPath(id))) ? ['log'] : [];
};
