import { runProgram, waitForStopRequest } from '../../runtime/lifecycle.ts';
import { createLogger } from '../../runtime/log.ts';

/*
 * The orchestrator without Azure Functions: one process that keeps its jobs in a folder, and works on any storage account. It loads its
 * parts only after it handles signals: a container ignores a SIGTERM that its process does not handle yet.
 */

const stop = waitForStopRequest();
const log = createLogger('orchestrator');

await runProgram(log, async () => {
  const { runEmbeddedOrchestrator } = await import('./run-embedded-orchestrator.ts');
  await runEmbeddedOrchestrator(stop, log);
});
