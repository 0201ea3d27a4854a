import { Releases, sendToParent, type StopCause } from '../../runtime/lifecycle.ts';
import type { Logger } from '../../runtime/log.ts';
import { readEnvironmentWithSecrets } from '../../runtime/secret-settings.ts';
import { SettingFiles } from '../../runtime/setting-files.ts';
import { getSecretNames, readSettings } from '../../runtime/settings.ts';
import { EmbeddedSettings } from './settings.ts';
import { startEmbeddedOrchestrator } from './start-embedded-orchestrator.ts';

/** Runs the orchestrator until it is asked to stop, or settings in files have changed. Its settings are documented in `docs/kubernetes.md`. */
export const runEmbeddedOrchestrator = async (stop: Promise<StopCause>, log: Logger): Promise<void> => {
  const stopping = new AbortController();
  void stop.then(() => stopping.abort());
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
};
