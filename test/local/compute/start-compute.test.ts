import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHttpJobs, type Job, type Jobs } from '../../../compute/client/index.ts';
import type { BlobCreatedEvent } from '../../../local/event-grid/event-relay.ts';
import { generateAccountKey } from '../../../local/azurite/azurite.ts';
import { startLocalCompute } from '../../../local/compute/start-compute.ts';
import { CallerSettings } from '../../../compute/orchestrator/auth/settings.ts';
import { getSharedLockPath } from '../../../runtime/data-dir-lock.ts';
import { readSettings } from '../../../runtime/settings.ts';
import { Releases } from '../../../runtime/lifecycle.ts';
import { createLogger } from '../../../runtime/log.ts';
import { listen } from '../../../runtime/http-server.ts';
import { sendRawRequest } from '../../fixtures/raw-request.ts';

const inputCount = 120;

describe('the compute half of a local platform', () => {
  const releases = new Releases();
  let folder: string;
  let url: string;
  let jobs: Jobs;
  /** What becomes of the events, by test. */
  let arrange: (events: BlobCreatedEvent[]) => BlobCreatedEvent[][];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'coxswain-up-'));
    await mkdir(join(folder, 'locks'));
    const keys = { function: 'function-key', system: 'system-key', storage: generateAccountKey() };
    ({ url } = await startLocalCompute({
      folder,
      ports: { orchestrator: await freePort(), blob: 0, queue: 0 },
      keys,
      callers: readSettings(CallerSettings, {}),
      crewLock: getSharedLockPath(folder),
      arrangeEvents: (events) => arrange(events),
      releases,
      log: createLogger('test', 'silent'),
    }));
    jobs = createHttpJobs({ url, key: keys.function });
  });
  afterAll(async () => {
    await releases.end();
    await rm(folder, { recursive: true });
  });

  /** Runs a job to its end. */
  const run = async (): Promise<Job> => {
    const started = await jobs.start({ kind: 'compute', inputCount });
    for (;;) {
      const job = 'id' in started ? await jobs.get(started.id) : undefined;
      if (!job || job.endedAt !== null) return job!;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  const expectWhole = async ({ state, progress, links }: Job): Promise<void> => {
    expect({ state, progress }).toEqual({
      state: 'completed',
      progress: { done: inputCount, failed: 0, total: inputCount, workers: null },
    });
    const lines = (await (await fetch(links?.outputs?.url ?? '')).text()).trim().split('\n');
    const outputs = lines.map(
      (line) => (JSON.parse(line) as { output: { from: number; count: number } }).output,
    );
    expect(outputs.map(({ from, count }) => [from, count])).toEqual(
      Array.from({ length: inputCount }, (_, input) => [input, 1]),
    );
  };

  test('runs a job of which each event comes three times, in any order', async () => {
    let told = 0;
    arrange = (events) => {
      told += events.length;
      const all = [...events, ...events.toReversed(), ...events];
      const odd = all.filter((_, at) => at % 2 === 1);
      const even = all.filter((_, at) => at % 2 === 0);
      return [odd.toReversed(), even];
    };
    await expectWhole(await run());
    expect(told).toBe(inputCount);
  });

  test('answers only under the names of this machine', async () => {
    const { port } = new URL(url);
    const status = (host: string) => sendRawRequest(port, 'GET /healthz HTTP/1.1', [`Host: ${host}:${port}`]);
    expect(await status('127.0.0.1')).toBe(200);
    expect(await status('localhost')).toBe(200);
    expect(await status('evil.example')).toBe(403);
    expect(await status('evil@127.0.0.1')).toBe(400);
  });

  test('streams the log of a task while its script runs', async () => {
    arrange = (events) => [events];
    const parameters = [{ name: 'seconds', value: '5' }];
    const started = await jobs.start({ kind: 'task', taskName: 'Countdown', parameters });
    const id = 'id' in started ? started.id : '';
    let text = '';
    let states: (string | undefined)[] = [];
    for await (const chunk of jobs.followLog(id, { signal: new AbortController().signal })) {
      text += chunk.text;
      states = [...states, (await jobs.get(id))?.state];
    }
    expect(text).toBe('5\n4\n3\n2\n1\nDone.\n');
    expect(states[0]).toBe('running');
  });

  test('runs a job of which no event comes', async () => {
    arrange = () => [];
    await expectWhole(await run());
  });
});

const freePort = async (): Promise<number> => {
  const server = await listen(() => {}, { what: 'the test', port: 0 });
  await server.close();
  return server.port;
};
