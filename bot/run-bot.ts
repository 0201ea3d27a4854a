import { Releases, sendToParent, type StopCause } from '../runtime/lifecycle.ts';
import type { Logger } from '../runtime/log.ts';
import { readSettingSources } from '../runtime/secret-settings.ts';
import { SettingFiles } from '../runtime/setting-files.ts';
import { getFileSettings } from '../runtime/settings.ts';
import { loadRegisteredSettings } from './install/load-registered-settings.ts';
import { hasAppSettings, readBotSettings, readUnregisteredSettings, type BotSettings } from './settings.ts';
import { BotEnvironment } from './settings-schema.ts';
import { startBot } from './start-bot.ts';

/** Runs the bot until it is asked to stop, or settings in files have changed. Its settings are documented in `docs/configuration.md`. */
export const runBot = async (stop: Promise<StopCause>, log: Logger): Promise<void> => {
  const files = new SettingFiles(getFileSettings(BotEnvironment));
  const { environment, unreadable } = await readSettingSources(files);
  const ended = new AbortController();
  const stopped = Promise.race([stop, files.waitForChange({ log, signal: ended.signal })]);
  const releases = new Releases();
  releases.add('the watch of files', () => ended.abort());
  try {
    const settings = hasAppSettings(environment)
      ? readBotSettings(environment, { unreadable })
      : await loadRegisteredSettings(readUnregisteredSettings(environment, { unreadable }), {
          stop: stopped,
          log,
        });
    const cause = settings && (await serve(settings, releases, stopped, log));
    // Without the parent, GitHub and orchestrator are gone too, so no work could finish, and the next platform would have to wait.
    if (cause !== 'parent') await releases.end();
  } catch (error) {
    await releases.end();
    throw error;
  }
};

/** Starts the bot and waits until it must stop. Returns why. */
const serve = async (
  settings: BotSettings,
  releases: Releases,
  stopped: Promise<StopCause | 'changed files'>,
  log: Logger,
): Promise<StopCause | 'changed files'> => {
  if (settings.dataDirLock !== undefined) {
    // Only on a local platform, so that other starts do not load SQLite.
    const { joinDataDir } = await import('../runtime/data-dir-lock.ts');
    const lock = joinDataDir(settings.dataDirLock);
    releases.add('the crew lock', () => lock.release());
  }
  const { port, metricsPort } = await startBot(settings, releases, log);
  sendToParent({ ready: true, port });
  log.info({ port, metricsPort }, 'the bot is listening');
  const cause = await stopped;
  log.info({ cause }, 'the bot is stopping');
  return cause;
};
