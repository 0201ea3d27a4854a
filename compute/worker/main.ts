import { startClean } from '../../runtime/clean-start.ts';
import { getSecretNames } from '../../runtime/settings.ts';
import { runProgram, waitForStopRequest } from '../../runtime/lifecycle.ts';
import { createLogger } from '../../runtime/log.ts';
import { WorkerSettings } from './settings.ts';

/*
 * The worker: computes blocks of the queue until it is asked to stop. It loads its parts only after it has replaced itself and handles
 * signals: loading them twice would cost time, and a container ignores a SIGTERM that its process does not handle yet.
 */

const secretNames = getSecretNames(WorkerSettings);
startClean(secretNames);
const stop = waitForStopRequest();
const log = createLogger('worker');

await runProgram(log, async () => {
  const { runWorker } = await import('./run-worker.ts');
  await runWorker(secretNames, stop, log);
});
