import * as v from 'valibot';
import { CallerName } from '../../../contracts/caller.ts';
import type { JobId } from '../../../contracts/ids.ts';
import { canceledPath } from '../../../contracts/blob-paths.ts';
import { parseJson } from '../../../contracts/problem.ts';
import type { Blobs } from '../../storage/port.ts';

const stopReasons = ['canceled-by-user', 'deadline', 'terminated', 'internal'] as const;

/** The reason why a job stops before its work is done: the data of a `Cancel` event, and the content of the cancellation marker. */
export const JobStop = v.object({
  reason: v.optional(v.picklist(stopReasons), 'canceled-by-user'),
  /** The name of the person who canceled it. */
  by: v.optional(v.nullable(v.string()), null),
  /** The caller that stated this name. */
  via: v.nullish(CallerName),
});
export type JobStop = v.InferOutput<typeof JobStop>;

const defaultStop: JobStop = { reason: 'canceled-by-user', by: null };

/** Parses the data of a `Cancel` event, which every holder of a system key can raise. */
export const parseStop = (data: unknown): JobStop => {
  const read = v.safeParse(JobStop, data);
  return read.success ? read.output : defaultStop;
};

/** Writes the job's cancellation marker unless it exists. Workers then discard the job's messages, and its batches end. */
export const putCancellationMarker = (blobs: Blobs, job: JobId, stop: JobStop): Promise<boolean> =>
  blobs.putOnce(canceledPath(job), JSON.stringify({ v: 1, ...stop }), 'application/json');

/** Returns the content of the job's cancellation marker; undefined if there is none. */
export const readCancellationMarker = async (blobs: Blobs, job: JobId): Promise<JobStop | undefined> => {
  const body = await blobs.get(canceledPath(job));
  if (!body) return undefined;
  const read = parseJson(JobStop, body.toString());
  return read.ok ? read.value : defaultStop;
};
