import { Releases, waitForStopRequest } from '../runtime/lifecycle.ts';
import { createLogger } from '../runtime/log.ts';
import { parseBasePort, readOptions } from './options.ts';
import { dataFolder } from '../local/platform/data-folder.ts';
import { startLocalPlatform } from '../local/platform/start-platform.ts';
import { runCli } from './run-cli.ts';

const help = `
npm start [-- --data DIR] [--port N]

Runs all of Coxswain on this machine: storage, orchestrator, workers, runners, the bot, and an embedded GitHub with pages
for issues and comments. Press Ctrl-C to stop. When you start it again, it continues the running jobs.

  --data DIR   the data folder (default: .coxswain)
  --port N     the first of five ports: pages, orchestrator, bot, blobs, queues (default: 4000; 0: any free ports)

The address that it prints signs in one browser and expires after an hour. To get a new one: npm run say -- --open

You can also start jobs from another terminal: npm run say -- "/compute 100"
COXSWAIN_PROGRAMS defines programs for /compute N algorithm=exec program=NAME; see docs/worker.md.
If you start it as root, scripts and programs run as users 60800 to 61055; COXSWAIN_PROGRAM_UID sets one user for all.
LOG_LEVEL=info logs more (default: warn). DIR/platform.json contains addresses and keys for other programs.
`;

await runCli(async () => {
  const { values } = readOptions(help, { data: { type: 'string' }, port: { type: 'string' } });
  const folder = dataFolder(values.data);
  const stop = waitForStopRequest();
  const releases = new Releases();
  process.env['LOG_LEVEL'] ??= 'warn';
  // After a crash, it can take some seconds until the last process of the previous platform has exited.
  if (process.stdout.isTTY) console.log('Starting Coxswain on this machine …');
  try {
    const { address } = await startLocalPlatform({
      folder,
      port: parseBasePort(values.port, 4000),
      releases,
      log: createLogger('platform'),
    });
    console.log(`Coxswain is ready: ${address}`);
    await stop;
    console.log('Stopping …');
    return 0;
  } finally {
    await releases.end();
  }
});
