import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { lastRunsPath } from '../../../../contracts/blob-paths.ts';
import type { Chore, DurableClient } from '../../../../compute/orchestrator/durable.ts';
import { createTick } from '../../../../compute/orchestrator/timers/tick.ts';
import type { Blobs } from '../../../../compute/storage/port.ts';
import {
  openOrchestratorFixture,
  openTestOrchestrator,
  type OrchestratorFixture,
} from '../../../fixtures/orchestrator/orchestrator-fixture.ts';

let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await openOrchestratorFixture();
});
beforeEach(() => fixture.storage.blobs.delete([lastRunsPath]));
afterEach(() => fixture.stopAll());
afterAll(() => fixture.close());

const client = {} as DurableClient;
const start = Date.parse('2026-11-30T12:00:00Z');

/** Fires ticks at given seconds, each in a process of its own. Returns the seconds at which each chore ran, and the logged errors. */
const ring = async (
  seconds: readonly number[],
  createChores: (note: (chore: string) => void, at: number) => Chore[],
  options: { blobs?: Blobs; everySeconds?: number } = {},
) => {
  const runs: Record<string, number[]> = {};
  const lines: string[] = [];
  for (const at of seconds) {
    const tick = createTick({
      chores: createChores((chore) => (runs[chore] ??= []).push(at), at),
      everySeconds: 300,
      blobs: fixture.storage.blobs,
      log: pino({}, { write: (line: string) => void lines.push(line) }),
      now: () => start + at * 1_000,
      ...options,
    });
    await tick.handle(client);
  }
  return { runs, logged: lines.map((line) => JSON.parse(line) as { msg: string; chore?: string }) };
};

const chore = (name: string, run: () => void | Promise<void>, everySeconds?: number): Chore => ({
  name,
  run: async () => run(),
  ...(everySeconds === undefined ? {} : { everySeconds }),
});

test('hourly chores run once an hour, although each tick is the first of its process and fires a little early or late', async () => {
  const seconds = Array.from({ length: 37 }, (_, n) => n * 300 + (n % 3) - 1);
  const { runs } = await ring(seconds, (note) => [
    chore('each-tick', () => note('each-tick')),
    chore('hourly', () => note('hourly'), 3_600),
    chore('also-hourly', () => note('also-hourly'), 3_600),
  ]);
  expect(runs['each-tick']).toEqual(seconds);
  expect(runs['hourly']).toEqual([-1, 3_599, 7_199, 10_799]);
  expect(runs['also-hourly']).toEqual(runs['hourly']);
});

test('after missed ticks, an hourly chore runs at the next one', async () => {
  const { runs } = await ring([0, 300, 3_300, 20_000, 20_300, 23_600], (note) => [
    chore('hourly', () => note('hourly'), 3_600),
  ]);
  expect(runs['hourly']).toEqual([0, 20_000, 23_600]);
});

test('the clock of another process that was ahead does not postpone an hourly chore', async () => {
  const { runs } = await ring([86_400, 0, 300, 3_600], (note) => [
    chore('hourly', () => note('hourly'), 3_600),
  ]);
  expect(runs['hourly']).toEqual([86_400, 0, 3_600]);
});

test('a chore that fails is logged by name, is retried at the next tick, and does not stop the others', async () => {
  const { runs, logged } = await ring([0, 300, 600], (note, at) => [
    chore(
      'fails-twice',
      () => {
        note('fails-twice');
        if (at < 600) throw new Error('a fault');
      },
      3_600,
    ),
    chore('works', () => note('works'), 3_600),
    chore('each-tick', () => note('each-tick')),
  ]);
  expect(runs).toEqual({ 'fails-twice': [0, 300, 600], works: [0], 'each-tick': [0, 300, 600] });
  expect(logged).toEqual(
    Array.from({ length: 2 }, () =>
      expect.objectContaining({
        level: 50,
        chore: 'fails-twice',
        err: expect.objectContaining({ message: 'a fault' }),
      }),
    ),
  );
});

test('a slow chore does not delay the others', async () => {
  const { promise: others, resolve } = Promise.withResolvers<void>();
  await ring([0], () => [
    chore('slow', () => others),
    chore('quick', resolve),
    chore('hourly', () => {}, 3_600),
  ]);
});

test('two ticks at once run chores twice at most, and lose no record', async () => {
  const two = () =>
    ring([0], (note) => [chore('a', () => note('a'), 3_600), chore('b', () => note('b'), 3_600)]);
  await Promise.all([two(), two()]);
  const { runs } = await two();
  expect(runs).toEqual({});
});

test('a record that is not valid counts as no record, and is replaced', async () => {
  await fixture.storage.blobs.put(lastRunsPath, 'not JSON');
  const { runs } = await ring([0, 300], (note) => [chore('hourly', () => note('hourly'), 3_600)]);
  expect(runs['hourly']).toEqual([0]);
});

test('while the record cannot be read, the chores of each tick still run', async () => {
  const blobs = Object.create(fixture.storage.blobs) as Blobs;
  blobs.getWithTag = () => Promise.reject(new Error('storage is away'));
  const createTwo = (note: (name: string) => void) => [
    chore('hourly', () => note('hourly'), 3_600),
    chore('each-tick', () => note('each-tick')),
  ];
  const { runs, logged } = await ring([0], createTwo, { blobs });
  expect(runs).toEqual({ 'each-tick': [0] });
  expect(logged).toHaveLength(1);
});

test('the app has one timer function, which runs all its chores', async () => {
  const platform = await openTestOrchestrator(fixture, { tickSeconds: 60 });
  expect(platform.app.timers.map(({ name, everySeconds }) => [name, everySeconds])).toEqual([['Tick', 60]]);
  await platform.app.timers[0]?.handle(platform.client);
  const record = await fixture.storage.blobs.get(lastRunsPath);
  expect(JSON.parse(String(record))).toEqual({
    v: 1,
    chores: {
      'purge-jobs': expect.any(String),
      'remove-unused-inputs': expect.any(String),
      'remove-leases': expect.any(String),
    },
  });
});

test('a last chore runs after the others have ended, also if one fails', async () => {
  const order: string[] = [];
  const { logged } = await ring([0], () => [
    { ...chore('last', () => void order.push('last')), isLast: true },
    chore('slow', async () => {
      await new Promise((resolve) => setImmediate(resolve));
      order.push('slow');
    }),
    chore('broken', () => Promise.reject(new Error('no'))),
  ]);
  expect(order).toEqual(['slow', 'last']);
  expect(logged).toMatchObject([{ chore: 'broken' }]);
});

test('a last chore that fails is logged, and the others have run', async () => {
  const { runs, logged } = await ring([0], (note) => [
    chore('other', () => note('other')),
    { ...chore('last', () => Promise.reject(new Error('no listing'))), isLast: true },
  ]);
  expect(runs['other']).toEqual([0]);
  expect(logged).toMatchObject([{ chore: 'last' }]);
});
