import { Releases, runProgram, waitForStopRequest, sendToParent } from '../runtime/lifecycle.ts';
import { readEnvironmentWithSecrets } from '../runtime/secret-settings.ts';
import { startBot } from './start-bot.ts';
import { loadRegisteredSettings } from './install/load-registered-settings.ts';
import { createBotLogger } from './log.ts';
import { botSecretNames, readBotSettings, hasAppSettings, readUnregisteredSettings } from './settings.ts';

const log = createBotLogger();

await runProgram(log, async () => {
  const stop = waitForStopRequest();
  const releases = new Releases();
  const environment = await readEnvironmentWithSecrets(botSecretNames);
  const settings = hasAppSettings(environment)
    ? readBotSettings(environment)
    : await loadRegisteredSettings(readUnregisteredSettings(environment), { stop, log });
  if (!settings) return 0;
  try {
    if (settings.dataDirLock !== undefined) {
      // Only on a local platform, so that other starts do not load SQLite.
      const { joinDataDir: joinCrew } = await import('../runtime/data-dir-lock.ts');
      const lock = joinCrew(settings.dataDirLock);
      releases.add('the crew lock', () => lock.release());
    }
    const { port, metricsPort } = await startBot(settings, releases, log);
    sendToParent({ ready: true, port });
    log.info({ port, metricsPort }, 'the bot is listening');
    const cause = await stop;
    log.info({ cause }, 'the bot is stopping');
    // Without the parent, GitHub and orchestrator are gone too, so no work could finish, and the next platform would have to wait.
    if (cause === 'parent') return 0;
    await releases.end();
    return 0;
  } catch (error) {
    await releases.end();
    throw error;
  }
});
