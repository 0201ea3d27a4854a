import type { JobId } from '../../../contracts/ids.ts';
import { exitPath } from '../../../contracts/blob-paths.ts';
import { parseJson } from '../../../contracts/problem.ts';
import { ExitRecord } from '../../../contracts/exit-record.ts';
import type { Blobs } from '../../storage/port.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** `lost`: the runner is gone and has left no exit record. */
export type RunnerInspection = { exit: ExitRecord | null; lost: boolean };

/** Looks for a script's exit record, then at its runner; and once more for the record when the runner is gone. */
export const inspectRunner =
  ({ storage: { blobs }, launcher }: ActivityDependencies) =>
  async ({ job }: { job: JobId }): Promise<RunnerInspection> => {
    const exit = await readExitRecord(blobs, job);
    if (exit) return { exit, lost: false };
    const state = await launcher.inspect(job);
    if (state === 'pending' || state === 'running') return { exit: null, lost: false };
    const late = await readExitRecord(blobs, job);
    return { exit: late, lost: late === null };
  };

/** A record that is not whole counts as none: how the script ended is not known then. */
const readExitRecord = async (blobs: Blobs, job: JobId): Promise<ExitRecord | null> => {
  const body = await blobs.get(exitPath(job));
  if (!body) return null;
  const read = parseJson(ExitRecord, body.toString());
  return read.ok && read.value.job === job ? read.value : null;
};
