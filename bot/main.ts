import { runProgram, waitForStopRequest } from '../runtime/lifecycle.ts';
import { isConfigRequested } from '../runtime/print-config.ts';
import { createBotLogger } from './log.ts';

/* The bot. It loads its parts only after it handles signals: a container ignores a SIGTERM that its process does not handle yet. */

const stop = waitForStopRequest();
const log = createBotLogger();

await runProgram(log, async () => {
  if (isConfigRequested()) {
    const { printBotConfig } = await import('./print-bot-config.ts');
    return printBotConfig();
  }
  const { runBot } = await import('./run-bot.ts');
  return runBot(stop, log);
});
