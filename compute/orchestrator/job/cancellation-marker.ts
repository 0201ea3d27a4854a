import * as v from 'valibot';
import { CallerName } from '../../../contracts/caller.ts';
import type { JobId } from '../../../contracts/ids.ts';
import { canceledPath } from '../../../contracts/blob-paths.ts';
import { parseJson } from '../../../contracts/problem.ts';
import type { Blobs } from '../../storage/port.ts';

const stopReasons = ['canceled-by-user', 'deadline', 'terminated', 'internal'] as const;

/** Why a job ends before its work is done: the data of a `Cancel` event, and the content of the job's mark. */
export const JobStop = v.object({
  reason: v.optional(v.picklist(stopReasons), 'canceled-by-user'),
  /** Who canceled it. */
  by: v.optional(v.nullable(v.string()), null),
  /** The caller that named them. */
  via: v.nullish(CallerName),
});
export type JobStop = v.InferOutput<typeof JobStop>;

const defaultStop: JobStop = { reason: 'canceled-by-user', by: null };

/** Reads the data of a `Cancel` event, which anybody with a system key can raise. */
export const parseStop = (data: unknown): JobStop => {
  const read = v.safeParse(JobStop, data);
  return read.success ? read.output : defaultStop;
};

/** Puts the job's mark, by which workers drop its messages and batches end. The first mark stays. */
export const putCancellationMarker = (blobs: Blobs, job: JobId, stop: JobStop): Promise<boolean> =>
  blobs.putOnce(canceledPath(job), JSON.stringify({ v: 1, ...stop }), 'application/json');

/** The job's mark, or undefined if it may go on. */
export const readCancellationMarker = async (blobs: Blobs, job: JobId): Promise<JobStop | undefined> => {
  const body = await blobs.get(canceledPath(job));
  if (!body) return undefined;
  const read = parseJson(JobStop, body.toString());
  return read.ok ? read.value : defaultStop;
};
