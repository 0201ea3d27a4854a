import { createHash } from 'node:crypto';
import { toBatchId, toBlockName, type JobId } from './ids.ts';

/** The blob containers, by the first part of each path. */
export const containers = ['input', 'output', 'partial', 'result', 'control', 'tasks', 'run'] as const;
export type BlobContainer = (typeof containers)[number];

/** A blob's place: `<container>/<name>`, as it stands in messages, manifests and documents. */
export type BlobPath = `${BlobContainer}/${string}`;

/** Splits a path into its container and the blob's name (or, for a prefix, the beginning of names). */
export const splitBlobPath = (path: BlobPath): { container: string; name: string } => {
  const slash = path.indexOf('/');
  return { container: path.slice(0, slash), name: path.slice(slash + 1) };
};

/** The queues: blocks to work on, and messages that were given up. */
export const inputQueue = 'input';
export const poisonQueue = 'input-poison';

export const inputPath = (job: JobId, block: number): BlobPath => `input/${job}/${toBlockName(block)}.json`;
/** Uploaded inputs, by the sha256 of their bytes. */
export const sourcePath = (sha256: string): BlobPath => `${sourcePrefix}${sha256}.jsonl`;
export const sourcePrefix: BlobPath = 'input/sources/';
export const outputPath = (job: JobId, block: number): BlobPath => `output/${job}/${toBlockName(block)}.json`;
export const outputPrefix = (job: JobId): BlobPath => `output/${job}/`;
/** What the paths of one batch's outputs begin with: of the six digits of a block, the first four name its batch. */
export const outputBatchPrefix = (job: JobId, batch: number): BlobPath =>
  `output/${job}/${String(batch).padStart(4, '0')}`;
export const partialPath = (job: JobId, batch: number): BlobPath =>
  `partial/${job}/${toBatchId(job, batch)}.json`;
/** A batch's part of `outputs.jsonl`, beside its partial. */
export const partialOutputsPath = (job: JobId, batch: number): BlobPath =>
  `partial/${job}/${toBatchId(job, batch)}.outputs.jsonl`;
export const resultPath = (job: JobId): BlobPath => `result/${job}/result.json`;
export const manifestPath = (job: JobId): BlobPath => `result/${job}/manifest.jsonl`;
export const outputsPath = (job: JobId): BlobPath => `result/${job}/outputs.jsonl`;
export const canceledPath = (job: JobId): BlobPath => `control/${job}/canceled`;
/** @param space whose leases they are, for those that each of several callers has of its own */
export const leasePath = (name: string, space?: string): BlobPath => {
  const suffix =
    space === undefined ? '' : `@${createHash('sha256').update(space).digest('hex').slice(0, 16)}`;
  return `${leasePrefix}${encodeURIComponent(name)}${suffix}.json`;
};
export const leasePrefix: BlobPath = 'control/leases/';
export const locksPrefix: BlobPath = 'control/locks/';
/** Under which the locks of a scope stand. By its sha256: scope and key, both encoded, may be too long for a name. */
export const lockPrefix = (scope: string): BlobPath =>
  `${locksPrefix}${createHash('sha256').update(scope).digest('hex')}/`;
export const lockPath = (scope: string, key: string): BlobPath =>
  `${lockPrefix(scope)}${encodeURIComponent(key)}.json`;
/** Written whenever a job that waited for a lock gets it. */
export const grantedPath = (job: JobId): BlobPath => `control/${job}/granted`;
/** The prefix of the blobs with the ids of other origins' jobs that were requested under this job's id. */
export const relatedJobsPrefix = (job: JobId): BlobPath => `control/${job}/others/`;
/** @param owner the origin's `<host>/<repository id>` */
export const relatedJobPath = (job: JobId, owner: string): BlobPath =>
  `${relatedJobsPrefix(job)}${createHash('sha256').update(owner).digest('hex')}.json`;
export const definitionPath = (task: string): BlobPath => `tasks/${task}.json`;
export const scriptPath = (script: string): BlobPath => `tasks/${script}`;
export const startedPath = (job: JobId): BlobPath => `run/${job}/started`;
export const logPath = (job: JobId): BlobPath => `run/${job}/log`;
export const exitPath = (job: JobId): BlobPath => `run/${job}/exit.json`;

/** The job and block that an output blob's path names, or undefined if it is no such path. */
export const parseOutputPath = (path: string): { job: JobId; block: number } | undefined => {
  const found = /^output\/(job-[0-9a-f]{32})\/(\d{6,})\.json$/.exec(path);
  return found ? { job: found[1] as JobId, block: Number(found[2]) } : undefined;
};

/** The sha256 of the uploaded inputs that a path names, or undefined if it is no such path. */
export const parseSourcePath = (path: string): string | undefined =>
  /^input\/sources\/([0-9a-f]{64})\.jsonl$/.exec(path)?.[1];

/** The job whose exit record a path names, or undefined if it is no such path. */
export const parseExitPath = (path: string): JobId | undefined =>
  /^run\/(job-[0-9a-f]{32})\/exit\.json$/.exec(path)?.[1];

/** The job that got a lock, by the path of the mark, or undefined if it is no such path. */
export const parseGrantedPath = (path: string): JobId | undefined =>
  /^control\/(job-[0-9a-f]{32})\/granted$/.exec(path)?.[1];
