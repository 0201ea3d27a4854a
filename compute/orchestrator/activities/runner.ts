import type { JobId } from '../../../contracts/ids.ts';
import { exitPath } from '../../../contracts/blob-paths.ts';
import { readJson } from '../../../contracts/problem.ts';
import { ExitRecord } from '../../../contracts/exit-record.ts';
import type { Blobs } from '../../storage/port.ts';
import type { Dependencies } from './dependencies.ts';

/** `lost`: the runner is gone and has left no exit record. */
export type Inspection = { exit: ExitRecord | null; lost: boolean };

/** Looks for a script's exit record, then at its runner; and once more for the record when the runner is gone. */
export const inspectRunner =
  ({ storage: { blobs }, launcher }: Dependencies) =>
  async ({ job }: { job: JobId }): Promise<Inspection> => {
    const exit = await exitOf(blobs, job);
    if (exit) return { exit, lost: false };
    const state = await launcher.inspect(job);
    if (state === 'pending' || state === 'running') return { exit: null, lost: false };
    const late = await exitOf(blobs, job);
    return { exit: late, lost: late === null };
  };

/** A record that is not whole counts as none: how the script ended is not known then. */
const exitOf = async (blobs: Blobs, job: JobId): Promise<ExitRecord | null> => {
  const body = await blobs.get(exitPath(job));
  if (!body) return null;
  const read = readJson(ExitRecord, body.toString());
  return read.ok && read.value.job === job ? read.value : null;
};
