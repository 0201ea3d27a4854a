import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { createJobId } from '../../contracts/ids.ts';
import { openStorage } from '../../compute/storage/open-storage.ts';
import type { BlobCreatedEvent } from '../../local/event-grid/event-relay.ts';
import { getSecretEncodings } from '../../runtime/secret-encodings.ts';
import { openHostedCompute, type HostedCompute } from '../fixtures/hosted-compute.ts';
import { waitUntil } from '../fixtures/local-platform.ts';
import { listStoredTexts } from '../fixtures/stored-texts.ts';

/*
 * Events as Event Grid may deliver them, through a real queue, to the package that Azure runs: each event three times, in any order, and
 * half of the deliveries lost. Events are hints, so every job ends as it would without that.
 */

const random = xoroshiro128plus(20_261_130);
/** The events that are delivered later, with the next group, or never. */
let delayed: BlobCreatedEvent[] = [];
const counts = { reported: 0, delivered: 0 };

const disturb = (events: BlobCreatedEvent[]): BlobCreatedEvent[][] => {
  const all = [...delayed, ...events, ...events, ...events];
  for (let at = all.length - 1; at > 0; at -= 1) {
    const other = uniformInt(random, 0, at);
    [all[at], all[other]] = [all[other]!, all[at]!];
  }
  const kept = all.filter(() => uniformInt(random, 0, 1) === 1);
  delayed = kept.splice(0, Math.floor(kept.length / 4));
  counts.reported += events.length;
  counts.delivered += kept.length;
  const half = Math.ceil(kept.length / 2);
  return [kept.slice(0, half), kept.slice(half)].filter(({ length }) => length > 0);
};

let hosted: HostedCompute;
beforeAll(async () => {
  hosted = await openHostedCompute({ arrangeEvents: disturb });
});
afterAll(() => hosted.close());

const inputCount = 230;
const conditions = { locks: [{ scope: 'github.com/1', key: 'vm/web-1' }] };

test('jobs end with the right results although every event is tripled and shuffled, and half of them are lost', async () => {
  const { start, waitForEnd, jobs, compute } = hosted;
  const computed = await start({ kind: 'compute', jobId: createJobId(), inputCount, blockSize: 1 });
  const canceled = await start({ kind: 'compute', jobId: createJobId(), inputCount: 10_000, blockSize: 1 });
  // The events of acquired locks are lost or repeated, too.
  const tasks = await Promise.all(
    ['mona', 'lisa', 'hubot'].map((who) =>
      start({
        kind: 'task',
        jobId: createJobId(),
        taskName: 'Hello',
        parameters: [{ name: 'who', value: who }],
        conditions: conditions as never,
      }),
    ),
  );
  expect(await jobs.cancel(canceled, 'mona')).toBe('accepted');

  for (const task of tasks)
    expect(await waitForEnd(task)).toMatchObject({ state: 'completed', result: { exitCode: 0 } });
  expect(await waitForEnd(canceled)).toMatchObject({ state: 'canceled', endedBy: 'mona' });
  const job = await waitForEnd(computed);
  expect(job).toMatchObject({
    state: 'completed',
    progress: { done: inputCount, failed: 0, total: inputCount },
    failures: [],
  });
  const lines = (await (await fetch(job.links?.outputs?.url ?? '')).text()).trim().split('\n');
  const outputs = lines.map(
    (line) => (JSON.parse(line) as { output: { from: number; count: number } }).output,
  );
  expect(outputs.map(({ from, count }) => [from, count])).toEqual(
    Array.from({ length: inputCount }, (_, input) => [input, 1]),
  );
  expect(await hosted.locks.list('github.com/1')).toEqual([]);

  expect(counts.reported).toBeGreaterThan(inputCount);
  expect(counts.delivered).toBeGreaterThan(counts.reported);
  const storage = openStorage(compute.connectionString);
  // A message whose deletion failed returns after 10 minutes, as on Azure.
  await waitUntil('an empty queue', async () => (await storage.events.length()) === 0, 660);
  expect(await storage.poisonEvents.length()).toBe(0);
  // After a lost event, a job waits for its polls, whose intervals double.
}, 1_500_000);

// The jobs above have left behind whatever jobs leave. The routes and callers are in system-key.test.ts.
test('the system key leaves the app only in the answer to a start', async () => {
  const { keys, compute } = hosted;
  const forms = getSecretEncodings([keys.system], { value: 4, derived: 4 });
  const contains = (text: string) => forms.some((form) => text.includes(form));
  const call = async (path: string, init: RequestInit = {}): Promise<string> => {
    const headers = { 'x-functions-key': keys.function };
    const response = await fetch(`${compute.url}/api/${path}`, { ...init, headers });
    expect(response.ok).toBe(true);
    return `${JSON.stringify([...response.headers])} ${await response.text()}`;
  };
  const body = JSON.stringify({ taskName: 'Hello', parameters: [{ name: 'who', value: 'you' }] });
  expect(contains(await call('tasks', { method: 'POST', body }))).toBe(true);
  const paths = ['jobs?top=50', 'tasks', 'locks?scope=github.com%2F1'];
  const read = await Promise.all(paths.map((path) => call(path)));
  const stored = await listStoredTexts(compute.connectionString);
  expect(stored.length).toBeGreaterThan(10);
  expect([...read, ...stored].filter((text) => contains(text))).toEqual([]);
});
