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
  /** How long a link can be used. */
  linkSeconds: number;
};

const pathBuilders: Record<LinkName, (job: JobId) => BlobPath> = {
  result: resultPath,
  manifest: manifestPath,
  outputs: outputsPath,
  log: logPath,
};

/** Links to the job's output blobs that exist by now, each with a fresh read SAS; null if there are none. */
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

/** An ended job tells its links itself; of a task that runs, or was terminated, the log may be there. */
const getLinkNames = async ({ id, input, end }: JobInstance, blobs: Blobs): Promise<readonly LinkName[]> => {
  if (end) return end.links;
  return input.kind === 'task' && (await blobs.exists(logPath(id))) ? ['log'] : [];
};
