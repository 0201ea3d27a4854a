import { readFileSync } from 'node:fs';
import type { RunnerOrder } from '../../../compute/launcher/port.ts';
import { processLauncher } from '../../../compute/launcher/process/index.ts';
import { logger } from '../../../runtime/log.ts';

/* A process that launches one order and waits to be killed: `node platform.ts FOLDER ORDER-FILE`. Says its runners' pids. */
const [, , folder = '', file = ''] = process.argv;
const launcher = processLauncher({ folder, log: logger('platform', 'silent') });
await launcher.launch(JSON.parse(readFileSync(file, 'utf8')) as RunnerOrder);
console.log(JSON.stringify(launcher.children().map(({ pid }) => pid)));
process.stdin.resume();
