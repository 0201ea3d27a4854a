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

const paths: Record<LinkName, (job: JobId) => BlobPath> = {
  result: resultPath,
  manifest: manifestPath,
  outputs: outputsPath,
  log: logPath,
};

/** Links to the job's output blobs that exist by now, each with a fresh read SAS; null if there are none. */
export const linksOf = async (
  job: JobInstance,
  { blobs, linkSeconds }: LinkOptions,
): Promise<Job['links']> => {
  const names = await namesOf(job, blobs);
  if (names.length === 0) return null;
  return Object.fromEntries(
    names.map((name) => {
      const path = paths[name](job.id);
      return [name, { path, url: blobs.readLink(path, linkSeconds) }];
    }),
  );
};

/** An ended job tells its links itself; of a task that runs, or was terminated, the log may be there. */
const namesOf = async ({ id, input, end }: JobInstance, blobs: Blobs): Promise<readonly LinkName[]> => {
  if (end) return end.links;
  return input.kind === 'task' && (await blobs.exists(logPath(id))) ? ['log'] : [];
};
