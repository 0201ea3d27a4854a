import { randomBytes } from 'node:crypto';
import * as v from 'valibot';

/** The source of the pattern of a job's id, for use in other patterns. */
export const jobIdSource = 'job-[0-9a-f]{32}';
export const jobIdPattern = new RegExp(`^${jobIdSource}$`);

/** A job's id: `job-` and 32 lowercase hex digits. It is also the id of the job's orchestration instance. */
export const JobId = v.pipe(v.string(), v.regex(jobIdPattern, 'expected "job-" and 32 lowercase hex digits'));
export type JobId = v.InferOutput<typeof JobId>;

/** A fresh random id, for a caller that gives none. */
export const createJobId = (): JobId => `job-${randomBytes(16).toString('hex')}`;

const getJobHex = (job: JobId): string => job.slice('job-'.length);

/**
 * The id of a job's batch number `batch` (from 0): `batch-<hex of the job>-0000`. A batch that has to run again, because storage
 * lost what it had done, gets a new id: `…-0000-r1`.
 */
export const toBatchId = (job: JobId, batch: number, run = 0): string =>
  `${toBatchPrefix(job)}${String(batch).padStart(4, '0')}${run === 0 ? '' : `-r${run}`}`;

/** Which batch and which of its runs an id names, or undefined if it is no batch id. */
export const parseBatchId = (id: string): { batch: number; run: number } | undefined => {
  const found = /^batch-[0-9a-f]{32}-(\d{4,})(?:-r(\d+))?$/.exec(id);
  return found ? { batch: Number(found[1]), run: Number(found[2] ?? 0) } : undefined;
};

/** Blocks a batch, at most: block `n` belongs to batch `floor(n / blocksPerBatch)`. */
export const blocksPerBatch = 100;

/** What all batch ids of one job, and of no other, begin with. */
export const toBatchPrefix = (job: JobId): string => `batch-${getJobHex(job)}-`;

/** A block's index as it stands in paths: six digits or more, so that names sort by index. */
export const toBlockName = (block: number): string => String(block).padStart(6, '0');
