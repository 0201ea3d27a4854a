import { setTimeout as wait } from 'node:timers/promises';
import type { PlatformFile } from '../local/platform/platform-file.ts';
import { bundleCost, rounds } from './action-latency.ts';
import { bareStorage } from './storage-baseline.ts';
import { cancelInTheMiddle } from './cancel-latency.ts';
import { logCost } from './log-cost.ts';
import { startPlatform, type BenchPlatform } from './platform.ts';
import { usage } from './process-usage.ts';

/*
 * `npm run bench`: what the local platform costs on this machine, each figure beside what we aim at. Jobs are started at the
 * orchestrator, since what is measured is the work. Needs Linux (/proc), and a machine with nothing else to do.
 */

const line = (what: string, value: string, aim = ''): void =>
  console.log(`${what.padEnd(56)}${value.padStart(11)}   ${aim}`);
const seconds = (value: number): string => `${value.toFixed(2)} s`;
const ratio = (value: number): string => value.toFixed(2);
const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const pids = ({ pid, children }: PlatformFile): number[] => [pid, ...children.map((child) => child.pid)];

const memoryByProcess = async ({ pid, children }: PlatformFile): Promise<string> => {
  const all = [{ name: 'platform', pid }, ...children];
  const parts = all.map(async (one) => `${one.name} ${Math.round((await usage([one.pid])).bytes / 1e6)}`);
  return (await Promise.all(parts)).join(', ');
};

const ready = async (): Promise<void> => {
  const times: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const platform = await startPlatform();
    times.push(platform.readySeconds);
    await platform.stop();
  }
  line('ready after the start, median of 3', seconds(median(times)), 'aim: below 3 s');
};

const idle = async ({ file }: BenchPlatform): Promise<void> => {
  const over = 15;
  await wait(3_000);
  const before = await usage(pids(await file()));
  await wait(over * 1000);
  const after = await usage(pids(await file()));
  line(
    'idle, of one core',
    `${(((after.cpuSeconds - before.cpuSeconds) / over) * 100).toFixed(2)} %`,
    'aim: below 3 %',
  );
};

const thousand = async (platform: BenchPlatform): Promise<number> => {
  const { storage } = await platform.file();
  let [most, workers] = [0, 0];
  let where = '';
  const times: number[] = [];
  const bounds: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    bounds.push(await bareStorage(storage.connectionString, 1_000));
    times.push(
      await platform.compute(1_000, 1, async () => {
        const now = await platform.file();
        const { bytes } = await usage(pids(now));
        if (bytes > most) [most, where] = [bytes, await memoryByProcess(now)];
        workers = Math.max(workers, now.children.filter(({ name }) => name === 'worker').length);
      }),
    );
  }
  line('1 000 bare blocks of storage operations, median of 3', seconds(median(bounds)));
  line('/compute 1000, median of 3', seconds(median(times)));
  line('  over the bare operations', ratio(median(times) / median(bounds)), 'aim: below 1.5');
  line(`memory in all with ${workers} workers, at most`, `${Math.round(most / 1e6)} MB`, 'aim: below 700 MB');
  console.log(`  ${where}`);
  return median(times);
};

const cancel = async ({ file }: BenchPlatform): Promise<void> => {
  const { ended, queueEmpty, late } = await cancelInTheMiddle(await file());
  line('cancel in the middle of 10 000 blocks: ended after', seconds(ended), 'aim: below 5 s');
  line('  its messages gone after', seconds(queueEmpty), 'aim: below 5 s');
  line('  outputs in the 3 s after that', String(late), 'aim: 0');
};

const bundle = async (): Promise<void> => {
  const { bytes, times } = await bundleCost();
  const kilobytes = (value: number): string => `${Math.round(value / 1e3)} kB`;
  const time = (value: number): string => `${Math.round(value)} ms`;
  line('the Action: the files that any step can load', kilobytes(bytes.others), 'aim: below 700 kB');
  line('  what a comment with a command needs besides', kilobytes(bytes.secondReader));
  line('  what Entra needs besides', kilobytes(bytes.entra));
  line(`  empty Node, start to exit, median of ${rounds}`, time(times.empty));
  line('  a comment without a command', time(times.silent));
  line('  a wrong input', time(times.wrong), 'aim: at most 75 ms where empty Node takes 26');
  line('  a dispatch, to the end of a job that takes no time', time(times.dispatch));
};

const log = (): void => {
  const { microseconds, overMaskingByField } = logCost();
  line('a log line with 50 secrets to mask', `${microseconds.toFixed(1)} µs`);
  line('  over masking by field alone', ratio(overMaskingByField), 'aim: at most 1');
};

log();
await bundle();
await ready();
const platform = await startPlatform();
try {
  await idle(platform);
  const small = await thousand(platform);
  const wide = await platform.compute(100_000, 100);
  line('/compute 100000, 1 000 blocks of 100', seconds(wide));
  line('  over /compute 1000', ratio(wide / small), 'aim: below 1.5');
  await cancel(platform);
  const long = await platform.compute(10_000, 1);
  line('/compute 10000 blockSize=1, 10 000 blocks', seconds(long));
  line('  a block, over a block of /compute 1000', ratio(long / 10 / small), 'aim: below 1.2');
} finally {
  await platform.stop();
}
