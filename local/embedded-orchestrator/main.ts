import { Releases, runProgram, sendToParent, waitForStopRequest } from '../../runtime/lifecycle.ts';
import { createLogger } from '../../runtime/log.ts';
import { readEnvironmentWithSecrets } from '../../runtime/secret-settings.ts';
import { SettingFiles } from '../../runtime/setting-files.ts';
import { getSecretNames, readSettings } from '../../runtime/settings.ts';
import { EmbeddedSettings } from './settings.ts';
import { startEmbeddedOrchestrator } from './start-embedded-orchestrator.ts';

/** The orchestrator without Azure Functions: one process that keeps its jobs in a folder, and works on any storage account. */

const log = createLogger('orchestrator');

await runProgram(log, async () => {
  const stopping = new AbortController();
  const stop = waitForStopRequest().finally(() => stopping.abort());
  const files = new SettingFiles(getSecretNames(EmbeddedSettings));
  const environment = await readEnvironmentWithSecrets(files);
  const settings = readSettings(EmbeddedSettings, environment, (message) => log.warn(message));
  const releases = new Releases();
  try {
    const { signal } = stopping;
    const starting = startEmbeddedOrchestrator(settings, { releases, signal, log });
    const started = starting.then((running) => running && sendToParent({ ready: true, port: running.port }));
    // Does not wait for the start, because the storage account may be unavailable.
    const changed = files.waitForChange({ log, signal });
    const cause = await Promise.race([stop, changed, started.then(() => stop)]);
    log.info({ cause }, 'the orchestrator is stopping');
  } finally {
    stopping.abort();
    await releases.end();
  }
});
