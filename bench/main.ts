import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { PlatformFile } from '../local/platform/platform-file.ts';
import { measureBundle, rounds } from './action-latency.ts';
import { measureStorageBaseline } from './storage-baseline.ts';
import { measureCancel } from './cancel-latency.ts';
import { measureLogCost } from './log-cost.ts';
import { startBenchPlatform, type BenchPlatform } from './platform.ts';
import { measureIdleHour } from './idle-hour.ts';
import { measureUsage } from './process-usage.ts';
import { printReplay } from './replay/print-replay.ts';

/*
 * `npm run bench [-- PART …]` measures the local platform on this machine, and prints each figure with its target. Jobs are started at the
 * orchestrator, to measure only the work. Requires Linux (/proc) and an otherwise idle machine. Without a part, it measures all.
 */

const printLine = (what: string, value: string, aim = ''): void =>
  console.log(`${what.padEnd(56)}${value.padStart(11)}   ${aim}`);
const formatSeconds = (value: number): string => `${value.toFixed(2)} s`;
const formatRatio = (value: number): string => value.toFixed(2);
const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const listPids = ({ pid, children }: PlatformFile): number[] => [pid, ...children.map((child) => child.pid)];

const describeMemory = async ({ pid, children }: PlatformFile): Promise<string> => {
  const all = [{ name: 'platform', pid }, ...children];
  const parts = all.map(
    async (one) => `${one.name} ${Math.round((await measureUsage([one.pid])).bytes / 1e6)}`,
  );
  return (await Promise.all(parts)).join(', ');
};

const measureStart = async (): Promise<void> => {
  const times: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const platform = await startBenchPlatform();
    times.push(platform.readySeconds);
    await platform.stop();
  }
  printLine('ready after the start, median of 3', formatSeconds(median(times)), 'aim: below 3 s');
};

const measureIdle = async ({ file }: BenchPlatform): Promise<void> => {
  const over = 15;
  await wait(3_000);
  const before = await measureUsage(listPids(await file()));
  await wait(over * 1000);
  const after = await measureUsage(listPids(await file()));
  printLine(
    'idle, of one core',
    `${(((after.cpuSeconds - before.cpuSeconds) / over) * 100).toFixed(2)} %`,
    'aim: below 3 %',
  );
};

const measureThousand = async (platform: BenchPlatform): Promise<number> => {
  const { storage } = await platform.file();
  let [most, workers] = [0, 0];
  let where = '';
  const times: number[] = [];
  const bounds: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    bounds.push(await measureStorageBaseline(storage.connectionString, 1_000));
    times.push(
      await platform.compute(1_000, 1, async () => {
        const now = await platform.file();
        const { bytes } = await measureUsage(listPids(now));
        if (bytes > most) [most, where] = [bytes, await describeMemory(now)];
        workers = Math.max(workers, now.children.filter(({ name }) => name === 'worker').length);
      }),
    );
  }
  printLine('1 000 bare blocks of storage operations, median of 3', formatSeconds(median(bounds)));
  printLine('/compute 1000, median of 3', formatSeconds(median(times)));
  printLine('  over the bare operations', formatRatio(median(times) / median(bounds)), 'aim: below 1.5');
  printLine(
    `memory in all with ${workers} workers, at most`,
    `${Math.round(most / 1e6)} MB`,
    'aim: below 700 MB',
  );
  console.log(`  ${where}`);
  return median(times);
};

const printCancel = async ({ file }: BenchPlatform): Promise<void> => {
  const { ended, queueEmpty, late } = await measureCancel(await file());
  printLine('cancel in the middle of 10 000 blocks: ended after', formatSeconds(ended), 'aim: below 5 s');
  printLine('  its messages gone after', formatSeconds(queueEmpty), 'aim: below 5 s');
  printLine('  outputs in the 3 s after that', String(late), 'aim: 0');
};

const printBundle = async (): Promise<void> => {
  const { bytes, times } = await measureBundle();
  const kilobytes = (value: number): string => `${Math.round(value / 1e3)} kB`;
  const time = (value: number): string => `${Math.round(value)} ms`;
  printLine('the Action: the files that any step can load', kilobytes(bytes.others), 'aim: below 700 kB');
  printLine('  in addition, for a comment with a command', kilobytes(bytes.secondReader));
  printLine('  in addition, for Entra', kilobytes(bytes.entra));
  printLine(`  empty Node, start to exit, median of ${rounds}`, time(times.empty));
  printLine('  a comment without a command', time(times.silent));
  printLine('  a wrong input', time(times.wrong), 'aim: at most 75 ms where empty Node takes 26');
  printLine('  a dispatch, to the end of a job that takes no time', time(times.dispatch));
};

const printLogCost = (): void => {
  const { microseconds, overMaskingByField } = measureLogCost();
  printLine('a log line with 50 secrets to mask', `${microseconds.toFixed(1)} µs`);
  printLine('  over masking by field alone', formatRatio(overMaskingByField), 'aim: at most 1');
};

const printIdleHour = async (): Promise<void> => {
  const { executions } = await measureIdleHour();
  printLine('executions of an idle hour on Azure', String(executions), 'aim: at most 60');
};

const measureJobs = async (): Promise<void> => {
  const platform = await startBenchPlatform();
  try {
    await measureIdle(platform);
    const small = await measureThousand(platform);
    const wide = await platform.compute(100_000, 100);
    printLine('/compute 100000, 1 000 blocks of 100', formatSeconds(wide));
    printLine('  over /compute 1000', formatRatio(wide / small), 'aim: below 1.5');
    await printCancel(platform);
    const long = await platform.compute(10_000, 1);
    printLine('/compute 10000 blockSize=1, 10 000 blocks', formatSeconds(long));
    printLine('  a block, over a block of /compute 1000', formatRatio(long / 10 / small), 'aim: below 1.2');
  } finally {
    await platform.stop();
  }
};

/** The parts, in the order in which they run. */
const parts: Record<string, () => Promise<void> | void> = {
  log: printLogCost,
  action: printBundle,
  start: measureStart,
  jobs: measureJobs,
  idle: printIdleHour,
  replay: printReplay,
};

const { positionals } = parseArgs({ allowPositionals: true });
const unknown = positionals.find((name) => !Object.hasOwn(parts, name));
if (unknown !== undefined) {
  console.error(`There is no part ${unknown}. The parts are: ${Object.keys(parts).join(', ')}`);
  process.exit(2);
}
for (const [name, run] of Object.entries(parts))
  if (positionals.length === 0 || positionals.includes(name)) await run();
