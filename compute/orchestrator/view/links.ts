import type { JobId } from '../../../contracts/ids.ts';
import type { Job, LinkName } from '../../../contracts/job.ts';
import { getFileType, type TaskFiles } from '../../../contracts/task-files.ts';
import {
  filePath,
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

/** Returns the files that a job delivered, with new links; null if there are none. */
export const buildFiles = (
  { id, end }: JobInstance,
  { blobs, linkSeconds }: LinkOptions,
): TaskFiles | null => {
  if (!end?.files) return null;
  const { files, ...rest } = end.files;
  const delivered = files.map((file, number) => {
    const path = filePath(id, number);
    // The record is foreign: only our own list of types decides what a browser shows.
    const type = getFileType(file.name);
    const response = {
      type,
      disposition: `${isShownInline(type) ? 'inline' : 'attachment'}; filename="${file.name}"`,
    };
    return { ...file, type, path, url: blobs.signReadLink(path, linkSeconds, response) };
  });
  return { delivered, ...rest };
};

const inlineTypes = ['image/png', 'text/plain', 'text/csv'];

const isShownInline = (type: string): boolean => inlineTypes.includes(type.split(';')[0] ?? '');
