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
  /** The most at once; by default one a core. */
  workers?: number;
  /** What `exec` may run, as the worker's setting `COXSWAIN_PROGRAMS` has it. */
  programs?: string | undefined;
  log: Logger;
};

const entry = fileURLToPath(new URL('../../compute/worker/main.ts', import.meta.url));

/** Keeps as many worker processes as the input queue asks for. */
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
  // A worker lives on short-lived objects: a small young generation saves 20 MB and costs no time.
  NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --max-semi-space-size=4`,
});
