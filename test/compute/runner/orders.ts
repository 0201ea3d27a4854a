import { readFile } from 'node:fs/promises';
import { randomJobId } from '../../../contracts/ids.ts';
import { exitPath, logPath, scriptPath, startedPath } from '../../../contracts/blob-paths.ts';
import type { ExitRecord } from '../../../contracts/exit-record.ts';
import type { RunnerOrder } from '../../../compute/launcher/port.ts';
import type { Blobs } from '../../../compute/storage/port.ts';

/** An order to run this script; undefined: one that is not in the catalogue. */
export const orderFor = async (
  blobs: Blobs,
  script: string | Buffer | undefined,
  order: Partial<RunnerOrder> = {},
): Promise<RunnerOrder> => {
  const job = randomJobId();
  if (script !== undefined) await blobs.put(scriptPath(`${job}.sh`), script);
  return {
    job,
    image: 'none',
    parameters: {},
    secrets: [],
    timeoutSeconds: 60,
    sha256: null,
    links: {
      script: blobs.readLink(scriptPath(`${job}.sh`), 600),
      started: blobs.createLink(startedPath(job), 600),
      log: blobs.appendLink(logPath(job), 600),
      exit: blobs.createLink(exitPath(job), 600),
    },
    ...order,
  };
};

export const exitOf = async (blobs: Blobs, { job }: RunnerOrder): Promise<ExitRecord | undefined> => {
  const bytes = await blobs.get(exitPath(job));
  return bytes && (JSON.parse(bytes.toString()) as ExitRecord);
};

export const logOf = async (blobs: Blobs, { job }: RunnerOrder): Promise<string | undefined> =>
  (await blobs.get(logPath(job)))?.toString();

/** Looks until there is something; the test's own time limit ends it. */
export const eventually = async <T>(look: () => T | Promise<T>): Promise<NonNullable<T>> => {
  for (;;) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

/** Whether a process runs; one that has ended, and that nobody has looked after yet, does not. */
export const isAlive = async (pid: number): Promise<boolean> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat !== undefined && !/\) [ZX] /.test(stat);
};
