import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { startChild } from '../../runtime/child-process.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Storage } from '../../compute/storage/port.ts';
import { startAutoscaler, type Autoscaler } from '../autoscaler/autoscaler.ts';

export type WorkersOptions = {
  storage: Storage;
  connectionString: string;
  /** The lock that each worker joins, see `runtime/data-dir-lock.ts`. */
  crewLock: string;
  /** The maximum number of workers; by default one per core. */
  workers?: number;
  /** The programs that `exec` may run, in the format of the worker's setting `COXSWAIN_PROGRAMS`. */
  programs?: string | undefined;
  log: Logger;
};

const entry = fileURLToPath(new URL('../../compute/worker/main.ts', import.meta.url));

/** Starts an autoscaler that runs the number of worker processes that the input queue requires. */
export const startWorkers = (options: WorkersOptions): Autoscaler =>
  startAutoscaler({
    queueLength: () => options.storage.input.length(),
    start: () =>
      startChild({
        name: 'worker',
        entry,
        environment: buildEnvironment(options),
        secrets: { COXSWAIN_STORAGE: options.connectionString },
        startsPrograms: true,
      }),
    min: 0,
    max: options.workers ?? availableParallelism(),
    target: 20,
    activation: 0,
    pollSeconds: 1,
    cooldownSeconds: 30,
    log: options.log,
  });

const buildEnvironment = ({ crewLock, programs }: WorkersOptions): Record<string, string> => ({
  COXSWAIN_CREW_LOCK: crewLock,
  ...(programs === undefined ? {} : { COXSWAIN_PROGRAMS: programs }),
  // Workers mainly allocate short-lived objects: a small young generation saves 20 MB at no cost in time.
  NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --max-semi-space-size=4`,
});
