import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Verdict } from '../../../contracts/block.ts';
import { randomJobId, type JobId } from '../../../contracts/ids.ts';
import { inputPath, outputPath } from '../../../contracts/blob-paths.ts';
import { startAzurite, type Azurite } from '../../../local/azurite/index.ts';
import { openStorage, type Received, type Storage } from '../../../compute/storage/index.ts';
import type { Programs } from '../../../compute/algorithms/exec.ts';
import { startChild, type Child } from '../../../runtime/child.ts';
import { logger } from '../../../runtime/log.ts';

/** A storage account with an empty queue, and a folder for what programs leave. */
export type Yard = { azurite: Azurite; storage: Storage; folder: string; close: () => Promise<void> };

export const openYard = async (where: 'memory' | 'disk' = 'memory'): Promise<Yard> => {
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-worker-'));
  const data = where === 'disk' ? join(folder, 'azurite') : undefined;
  const azurite = await startAzurite({
    folder: data,
    blobPort: 0,
    queuePort: 0,
    log: logger('test', 'silent'),
  });
  const storage = openStorage(azurite.connectionString);
  await storage.prepare();
  const close = async () => {
    await azurite.stop();
    await rm(folder, { recursive: true });
  };
  return { azurite, storage, folder, close };
};

export const workerEntry = fileURLToPath(new URL('../../../compute/worker/main.ts', import.meta.url));

export const workerEnvironment = (more: Record<string, string> = {}): Record<string, string> => ({
  COXSWAIN_VISIBILITY_SECONDS: '1',
  // Scripts leave files in the yard, and one kills its worker: as the tests' own user they may.
  COXSWAIN_PROGRAM_UID: String(process.getuid!()),
  LOG_LEVEL: 'fatal',
  ...more,
});

export const workerSecrets = ({ azurite }: Yard): Record<string, string> => ({
  COXSWAIN_STORAGE: azurite.connectionString,
});

/** A worker process. @param scripts shell scripts that `exec` may run, by name */
export const startWorkerProcess = (
  yard: Yard,
  scripts: Record<string, string> = {},
  more: Record<string, string> = {},
): Child =>
  startChild({
    name: 'worker',
    entry: workerEntry,
    environment: workerEnvironment({ ...programs(scripts), ...more }),
    secrets: workerSecrets(yard),
    startsPrograms: true,
  });

export const programs = (scripts: Record<string, string>): { COXSWAIN_PROGRAMS: string } => {
  const configured = Object.entries(scripts).map(([name, script]) => [
    name,
    { command: ['sh', '-c', script] },
  ]);
  return { COXSWAIN_PROGRAMS: JSON.stringify(Object.fromEntries(configured) as Programs) };
};

export const messageText = (job: JobId, block: number, more: object = {}): string =>
  JSON.stringify({ v: 1, job, block, path: inputPath(job, block), ...more });

/** Puts blocks of one input each, and their messages. */
export const sendBlocks = async (
  { storage }: Yard,
  count: number,
  program?: string,
  job: JobId = randomJobId(),
): Promise<JobId> => {
  const algorithm =
    program === undefined
      ? { algorithm: 'monte-carlo-pi', parameters: {} }
      : { algorithm: 'exec', parameters: { program } };
  for (let block = 0; block < count; block += 1) {
    await storage.blobs.put(
      inputPath(job, block),
      JSON.stringify({ v: 1, job, block, ...algorithm, inputs: [block] }),
    );
    await storage.input.send(messageText(job, block));
  }
  return job;
};

export const verdictOf = async (
  { storage }: Yard,
  job: JobId,
  block: number,
): Promise<Verdict | undefined> => {
  const bytes = await storage.blobs.get(outputPath(job, block));
  return bytes && (JSON.parse(bytes.toString()) as Verdict);
};

/** Waits for the verdicts of blocks 0 to `count` - 1. */
export const verdicts = async (yard: Yard, job: JobId, count: number): Promise<Verdict[]> => {
  const found: Verdict[] = [];
  for (let block = 0; block < count; block += 1) {
    found.push(await until(() => verdictOf(yard, job, block)));
  }
  return found;
};

/** Waits until the queue holds no message, hidden or not. */
export const emptied = ({ storage }: Yard): Promise<true> =>
  until(async () => (await storage.input.length()) === 0);

/** All messages of the poison queue, which are taken off it. */
export const poisoned = async ({ storage }: Yard): Promise<Received[]> => {
  const messages = await storage.poison.receive(32, 30);
  await Promise.all(messages.map((message) => storage.poison.delete(message)));
  return messages;
};

/** Asks again until the answer is not false or undefined; the test's own time limit bounds it. */
export const until = async <T>(ask: () => Promise<T>): Promise<Exclude<T, false | undefined>> => {
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== undefined) return answer as Exclude<T, false | undefined>;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
};

/** For a `describe`: a yard that all its tests share, and worker processes that end with the test that started them. */
export const workerCrew = (where: 'memory' | 'disk' = 'memory') => {
  let yard: Yard;
  const workers: Child[] = [];
  beforeAll(async () => {
    yard = await openYard(where);
  });
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.stop(5_000)));
  });
  afterAll(() => yard.close());

  const file = (name: string): string => join(yard.folder, name);
  return {
    get yard(): Yard {
      return yard;
    },
    start: (scripts: Record<string, string> = {}, more: Record<string, string> = {}): Child => {
      const worker = startWorkerProcess(yard, scripts, more);
      workers.push(worker);
      return worker;
    },
    /** Where a script leaves something. */
    file,
    /** What a script has left there, once it has. */
    written: (name: string): Promise<string> =>
      until(() => readFile(file(name), 'utf8').catch(() => undefined)),
  };
};
