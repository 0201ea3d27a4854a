import { hash } from 'node:crypto';
import { jobIdSource, toBatchId, toBlockName, type JobId } from './ids.ts';

/** The blob containers, by the first part of each path. */
export const containers = ['input', 'output', 'partial', 'result', 'control', 'tasks', 'run'] as const;
type BlobContainer = (typeof containers)[number];

/** The path of a blob, `<container>/<name>`, as in messages, manifests and documents. */
export type BlobPath = `${BlobContainer}/${string}`;

/** Splits a path into its container and the blob's name (or, for a prefix, the beginning of names). */
export const splitBlobPath = (path: BlobPath): { container: string; name: string } => {
  const slash = path.indexOf('/');
  return { container: path.slice(0, slash), name: path.slice(slash + 1) };
};

/** The queues: of blocks to compute, and of poison messages. */
export const inputQueue = 'input';
export const poisonQueue = 'input-poison';

/** The queues: of Event Grid's events about created blobs, and of messages in it that are not events. */
export const eventQueue = 'events';
export const poisonEventQueue = 'events-poison';

export const inputPath = (job: JobId, block: number): BlobPath => `input/${job}/${toBlockName(block)}.json`;
/** Uploaded inputs, by the sha256 of their bytes. */
export const sourcePath = (sha256: string): BlobPath => `${sourcePrefix}${sha256}.jsonl`;
export const sourcePrefix: BlobPath = 'input/sources/';
export const outputPath = (job: JobId, block: number): BlobPath => `output/${job}/${toBlockName(block)}.json`;
export const outputPrefix = (job: JobId): BlobPath => `output/${job}/`;
/** Returns the prefix of the paths of one batch's outputs: the first four of the six digits of a block name its batch. */
export const outputBatchPrefix = (job: JobId, batch: number): BlobPath =>
  `output/${job}/${String(batch).padStart(4, '0')}`;
export const partialPrefix = (job: JobId): BlobPath => `partial/${job}/`;
export const partialPath = (job: JobId, batch: number): BlobPath =>
  `${partialPrefix(job)}${toBatchId(job, batch)}.json`;
/** A batch's part of `outputs.jsonl`, beside its partial. */
export const partialOutputsPath = (job: JobId, batch: number): BlobPath =>
  `${partialPrefix(job)}${toBatchId(job, batch)}.outputs.jsonl`;
export const resultPath = (job: JobId): BlobPath => `result/${job}/result.json`;
export const manifestPath = (job: JobId): BlobPath => `result/${job}/manifest.jsonl`;
export const outputsPath = (job: JobId): BlobPath => `result/${job}/outputs.jsonl`;
/** The parameters of a job whose batches do not carry them, because they are large. */
export const parametersPath = (job: JobId): BlobPath => `control/${job}/parameters.json`;
export const canceledPath = (job: JobId): BlobPath => `control/${job}/canceled`;
/** The prefix of the markers of jobs that ended from outside and were cleaned up. */
export const cleanedUpPrefix: BlobPath = 'control/cleaned-up/';
/** @param createdTime when the job was created (ISO 8601): the id of a purged job can be used again */
export const cleanedUpPath = (job: JobId, createdTime: string): BlobPath =>
  `${cleanedUpPrefix}${job}@${Date.parse(createdTime)}`;
/** When the orchestrator's chores last ran. */
export const lastRunsPath: BlobPath = 'control/last-runs.json';
/** What a deployment uses of the quotas of Azure Container Instances. */
export const containerGroupsPath: BlobPath = 'control/container-groups.json';
/** @param space the caller, for leases that each caller has separately */
export const leasePath = (name: string, space?: string): BlobPath => {
  const suffix = space === undefined ? '' : `@${hash('sha256', space).slice(0, 16)}`;
  return `${leasePrefix}${encodeURIComponent(name)}${suffix}.json`;
};
export const leasePrefix: BlobPath = 'control/leases/';
export const locksPrefix: BlobPath = 'control/locks/';
/** Returns the prefix of the locks of a scope: its sha256 hash, because an encoded scope and key can be too long for a name. */
export const lockPrefix = (scope: string): BlobPath => `${locksPrefix}${hash('sha256', scope)}/`;
export const lockPath = (scope: string, key: string): BlobPath =>
  `${lockPrefix(scope)}${encodeURIComponent(key)}.json`;
/** Returns the path of the mark that is written when a waiting job gets a lock. */
export const grantedPath = (job: JobId): BlobPath => `control/${job}/granted`;
/** The prefix of the blobs with the ids of other origins' jobs that were requested under this job's id. */
export const relatedJobsPrefix = (job: JobId): BlobPath => `control/${job}/others/`;
/** @param owner the origin's `<host>/<repository id>` */
export const relatedJobPath = (job: JobId, owner: string): BlobPath =>
  `${relatedJobsPrefix(job)}${hash('sha256', owner)}.json`;
export const definitionPath = (task: string): BlobPath => `tasks/${task}.json`;
export const scriptPath = (script: string): BlobPath => `tasks/${script}`;
export const startedPath = (job: JobId): BlobPath => `run/${job}/started`;
export const logPath = (job: JobId): BlobPath => `run/${job}/log`;
/** The path of one of the files that a task delivers, by its number in `files.json`, from 0 to 99. */
export const filePath = (job: JobId, file: number): BlobPath =>
  `run/${job}/files/${String(file).padStart(2, '0')}`;
export const filesRecordPath = (job: JobId): BlobPath => `run/${job}/files.json`;
export const exitPath = (job: JobId): BlobPath => `run/${job}/exit.json`;

const outputPattern = new RegExp(`^output/(${jobIdSource})/(\\d{6,})\\.json$`);
const sourcePattern = /^input\/sources\/([0-9a-f]{64})\.jsonl$/;
const exitPattern = new RegExp(`^run/(${jobIdSource})/exit\\.json$`);
const grantedPattern = new RegExp(`^control/(${jobIdSource})/granted$`);

/** Returns the job and block of an output blob's path; undefined for other paths. */
export const parseOutputPath = (path: string): { job: JobId; block: number } | undefined => {
  const found = outputPattern.exec(path);
  return found ? { job: found[1] as JobId, block: Number(found[2]) } : undefined;
};

/** Returns the sha256 hash of the uploaded inputs at a path; undefined for other paths. */
export const parseSourcePath = (path: string): string | undefined => sourcePattern.exec(path)?.[1];

/** Returns the job of an exit record's path; undefined for other paths. */
export const parseExitPath = (path: string): JobId | undefined => exitPattern.exec(path)?.[1];

/** Returns the job that got a lock, by the path of the mark; undefined for other paths. */
export const parseGrantedPath = (path: string): JobId | undefined => grantedPattern.exec(path)?.[1];
