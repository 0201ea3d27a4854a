import { randomBytes } from 'node:crypto';
import * as v from 'valibot';

/** The source of the pattern of a job's id, for use in other patterns. */
export const jobIdSource = 'job-[0-9a-f]{32}';
export const jobIdPattern = new RegExp(`^${jobIdSource}$`);

/** A job's id: `job-` and 32 lowercase hex digits. It is also the id of the job's orchestration instance. */
export const JobId = v.pipe(v.string(), v.regex(jobIdPattern, 'expected "job-" and 32 lowercase hex digits'));
export type JobId = v.InferOutput<typeof JobId>;

/** The number of hex digits in the short form of a job's id, and the minimum in a prefix of an id. */
const shortDigits = 8;

/** The pattern of a job's id, or of a prefix that is long enough to find the job. */
export const jobIdOrPrefixPattern = new RegExp(`^job-[0-9a-f]{${shortDigits},32}$`);

/** Returns the short form of a job's id, for people: `job-` and the first eight digits. */
export const shortenJobId = (id: string): string => id.slice(0, 'job-'.length + shortDigits);

/** Returns only the first eight digits of a job's id, for terminals and pages where it is clear that a job is meant. */
export const toShortId = (id: string): string => shortenJobId(id).replace(/^job-/, '');

/** Returns a random id, for a request without one. */
export const createJobId = (): JobId => `job-${randomBytes(16).toString('hex')}`;

const getJobHex = (job: JobId): string => job.slice('job-'.length);

/**
 * Returns the id of a batch of a job (from 0): `batch-<hex of the job>-0000`. A batch that runs again because storage lost its outputs
 * gets a new id: `…-0000-r1`.
 */
export const toBatchId = (job: JobId, batch: number, run = 0): string =>
  `${toBatchPrefix(job)}${String(batch).padStart(4, '0')}${run === 0 ? '' : `-r${run}`}`;

/** Returns the batch and the run of a batch id; undefined for other ids. */
export const parseBatchId = (id: string): { batch: number; run: number } | undefined => {
  const found = /^batch-[0-9a-f]{32}-(\d{4,})(?:-r(\d+))?$/.exec(id);
  return found ? { batch: Number(found[1]), run: Number(found[2] ?? 0) } : undefined;
};

/** The maximum number of blocks per batch: block `n` belongs to batch `floor(n / blocksPerBatch)`. */
export const blocksPerBatch = 100;

/**
 * Returns the id of a group of a job's batches (from 0): `batch-<hex of the job>-group-00`; `…-group-00-r1` for batches of it that run
 * again.
 */
export const toGroupId = (job: JobId, group: number, run = 0): string =>
  `${toBatchPrefix(job)}group-${String(group).padStart(2, '0')}${run === 0 ? '' : `-r${run}`}`;

/** Returns the prefix of the ids of a job's batches and groups, and of no others. */
export const toBatchPrefix = (job: JobId): string => `batch-${getJobHex(job)}-`;

/** Formats the index of a block for paths, with six digits or more, so that names sort by index. */
export const toBlockName = (block: number): string => String(block).padStart(6, '0');
