import * as v from 'valibot';
import { CallerName } from '../../../contracts/caller.ts';
import type { JobId } from '../../../contracts/ids.ts';
import { canceledPath } from '../../../contracts/blob-paths.ts';
import { readJson } from '../../../contracts/problem.ts';
import type { Blobs } from '../../storage/port.ts';

const stopReasons = ['canceled-by-user', 'deadline', 'terminated', 'internal'] as const;

/** Why a job ends before its work is done: the data of a `Cancel` event, and the content of the job's mark. */
export const Stop = v.object({
  reason: v.optional(v.picklist(stopReasons), 'canceled-by-user'),
  /** Who canceled it. */
  by: v.optional(v.nullable(v.string()), null),
  /** The caller that named them. */
  via: v.nullish(CallerName),
});
export type Stop = v.InferOutput<typeof Stop>;

const unknownStop: Stop = { reason: 'canceled-by-user', by: null };

/** Reads the data of a `Cancel` event, which anybody with a system key can raise. */
export const stopOf = (data: unknown): Stop => {
  const read = v.safeParse(Stop, data);
  return read.success ? read.output : unknownStop;
};

/** Puts the job's mark, by which workers drop its messages and batches end. The first mark stays. */
export const putMark = (blobs: Blobs, job: JobId, stop: Stop): Promise<boolean> =>
  blobs.putOnce(canceledPath(job), JSON.stringify({ v: 1, ...stop }), 'application/json');

/** The job's mark, or undefined if it may go on. */
export const markOf = async (blobs: Blobs, job: JobId): Promise<Stop | undefined> => {
  const body = await blobs.get(canceledPath(job));
  if (!body) return undefined;
  const read = readJson(Stop, body.toString());
  return read.ok ? read.value : unknownStop;
};
