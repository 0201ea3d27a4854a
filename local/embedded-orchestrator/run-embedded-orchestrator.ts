import { Releases, sendToParent, type StopCause } from '../../runtime/lifecycle.ts';
import type { Logger } from '../../runtime/log.ts';
import { readSettingSources } from '../../runtime/secret-settings.ts';
import { SettingFiles } from '../../runtime/setting-files.ts';
import { getFileSettings, readSettings } from '../../runtime/settings.ts';
import { EmbeddedSettings } from './settings.ts';
import { startEmbeddedOrchestrator } from './start-embedded-orchestrator.ts';

/** Runs the orchestrator until it is asked to stop, or settings in files have changed. Its settings are documented in `docs/configuration.md`. */
export const runEmbeddedOrchestrator = async (stop: Promise<StopCause>, log: Logger): Promise<void> => {
  const stopping = new AbortController();
  void stop.then(() => stopping.abort());
  const files = new SettingFiles(getFileSettings(EmbeddedSettings));
  const { environment, unreadable } = await readSettingSources(files);
  const warn = (message: string): void => log.warn(message);
  const settings = readSettings(EmbeddedSettings, environment, { warn, unreadable });
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
