import { formatCatalogueProblem } from '../../local/compute/catalogue-folder.ts';
import { resolveDataFolder } from '../../local/platform/data-folder.ts';
import { startLocalPlatform, type StartedPlatform } from '../../local/platform/start-platform.ts';
import { Releases, waitForStopRequest } from '../../runtime/lifecycle.ts';
import { createLogger } from '../../runtime/log.ts';
import { commandName } from '../command-name.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatFlags } from '../format-flags.ts';
import { printJson } from '../print.ts';

export type StartPlatformOptions = { data?: string; port: number; functionsApp?: string; json?: true };

/** `coxswain start`: runs a local platform until it is stopped. */
export const startPlatform = async ({
  data,
  port,
  functionsApp,
  json,
}: StartPlatformOptions): Promise<number> => {
  const folder = resolveDataFolder(data);
  const stop = waitForStopRequest();
  const releases = new Releases();
  process.env['LOG_LEVEL'] ??= 'warn';
  // After a crash, it can take some seconds until the last process of the previous platform has exited.
  if (process.stdout.isTTY && !json) console.log('Starting Coxswain on this machine …');
  try {
    const started = await startLocalPlatform({
      folder,
      port,
      functionsApp,
      releases,
      log: createLogger('platform'),
    });
    for (const problem of started.catalogueProblems)
      console.error(`compute/tasks/${formatCatalogueProblem(problem)}`);
    if (json) printJson({ v: 1, folder, ...started });
    else console.log(describeStart(started, data));
    await stop;
    if (!json) console.log('Stopping …');
    return exitCodes.ok;
  } finally {
    await releases.end();
  }
};

const describeStart = ({ address, policyAddress }: StartedPlatform, data: string | undefined): string => {
  const folder = formatFlags({ data });
  return [
    `Coxswain is ready: ${address}`,
    '',
    `  Comment          on the page, or in another terminal: npm run say --${folder} "/compute 100"`,
    `  Change a policy  ${policyAddress}`,
    `  List jobs        ${commandName} jobs${folder}`,
    '  Stop             press Ctrl-C. Computations continue when you start it again, scripts do not',
  ].join('\n');
};
