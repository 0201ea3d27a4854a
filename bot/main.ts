import { Releases, runProgram, stopRequested, tellParent } from '../runtime/lifecycle.ts';
import { environmentWithSecrets } from '../runtime/secret-settings.ts';
import { startBot } from './start-bot.ts';
import { registeredSettings } from './install/load-registered-settings.ts';
import { botLogger } from './log.ts';
import { botSecrets, botSettings, namesApp, unregisteredSettings } from './settings.ts';

const log = botLogger();

await runProgram(log, async () => {
  const stop = stopRequested();
  const releases = new Releases();
  const environment = await environmentWithSecrets(botSecrets);
  const settings = namesApp(environment)
    ? botSettings(environment)
    : await registeredSettings(unregisteredSettings(environment), stop, log);
  if (!settings) return 0;
  try {
    if (settings.crewLock !== undefined) {
      // Only on a local platform: a start elsewhere need not load SQLite.
      const { joinCrew } = await import('../runtime/data-dir-lock.ts');
      const held = joinCrew(settings.crewLock);
      releases.add('the crew lock', () => held.release());
    }
    const { port, metricsPort } = await startBot(settings, releases, log);
    tellParent({ ready: true, port });
    log.info({ port, metricsPort }, 'the bot listens');
    const cause = await stop;
    log.info({ cause }, 'the bot stops');
    // Without its parent, GitHub and orchestrator are gone too: nothing under way could end, and the next platform waits.
    if (cause === 'parent') return 0;
    await releases.end();
    return 0;
  } catch (error) {
    await releases.end();
    throw error;
  }
});
