import { runProgram, waitForStopRequest } from '../../runtime/lifecycle.ts';
import { createLogger } from '../../runtime/log.ts';
import { isConfigRequested, printConfig } from '../../runtime/print-config.ts';

/*
 * The orchestrator without Azure Functions: one process that keeps its jobs in a folder, and works on any storage account. It loads its
 * parts only after it handles signals: a container ignores a SIGTERM that its process does not handle yet.
 */

const stop = waitForStopRequest();
const log = createLogger('orchestrator');

await runProgram(log, async () => {
  if (isConfigRequested()) {
    const { EmbeddedSettings } = await import('./settings.ts');
    return printConfig('orchestrator', EmbeddedSettings);
  }
  const { runEmbeddedOrchestrator } = await import('./run-embedded-orchestrator.ts');
  return runEmbeddedOrchestrator(stop, log);
});
