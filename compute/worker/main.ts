import { startClean } from '../../runtime/clean-start.ts';
import { getSecretNames } from '../../runtime/settings.ts';
import { runProgram, waitForStopRequest } from '../../runtime/lifecycle.ts';
import { createLogger } from '../../runtime/log.ts';
import { isConfigRequested, printConfig } from '../../runtime/print-config.ts';
import { WorkerSettings } from './settings.ts';

/*
 * The worker: computes blocks of the queue until it is asked to stop. It loads its parts only after it has replaced itself and handles
 * signals: loading them twice would cost time, and a container ignores a SIGTERM that its process does not handle yet.
 */

const secretNames = getSecretNames(WorkerSettings);
if (!isConfigRequested()) startClean(secretNames);
const stop = waitForStopRequest();
const log = createLogger('worker');

await runProgram(log, async () => {
  if (isConfigRequested()) return printConfig('worker', WorkerSettings);
  const { runWorker } = await import('./run-worker.ts');
  return runWorker(secretNames, stop, log);
});
