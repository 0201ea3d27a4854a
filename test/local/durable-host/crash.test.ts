import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { DurableFileInUseError, openDurableHost } from '../../../local/durable-host/durable-host.ts';
import { startChild } from '../../../runtime/child-process.ts';
import { silentLog } from '../../fixtures/durable-host.ts';

const entry = fileURLToPath(new URL('../../fixtures/fan-out-process.ts', import.meta.url));
const perBatch = 40;
const items = 4 * perBatch;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'durable-'));
});
afterEach(() => rm(folder, { recursive: true }));

const openHere = () =>
  openDurableHost({
    file: join(folder, 'jobs.db'),
    registry: { orchestrations: {}, activities: {} },
    log: silentLog,
    managementUris: () => ({}),
  });

/** Runs the process until it has completed `killAfter` items, then kills it. Returns its output. */
const life = async (sessions: string, killAfter: number): Promise<string[]> => {
  const lines: string[] = [];
  const child = startChild({
    name: 'fan-out',
    entry,
    arguments: [join(folder, 'jobs.db'), sessions, String(perBatch), String(killAfter)],
    onLine: (line) => {
      lines.push(line);
      const done = lines.filter((known) => known.startsWith('item')).length;
      if (done === killAfter && lines.some((known) => known === 'started' || known === 'known'))
        child.signal('SIGKILL');
    },
  });
  await child.ended;
  return lines;
};

test.each(['live', 'replay', 'hosted'])(
  'a process killed again and again in a fan-out ends with every item once (%s)',
  async (sessions) => {
    const lives = [];
    for (const killAfter of [1, 60]) lives.push(await life(sessions, killAfter));
    const last = await life(sessions, Infinity);
    expect(lives.every((lines) => !lines.some((line) => line.startsWith('end')))).toBe(true);
    expect([...lives, last].flat().filter((line) => line === 'started')).toEqual(['started']);
    const output = JSON.parse(last.at(-1)?.replace('end ', '') ?? '') as number[];
    expect(output).toEqual([...Array(items).keys()]);
    // Recorded activities do not run again: there are far fewer calls than three times the items.
    expect([...lives, last].flat().filter((line) => line.startsWith('item')).length).toBeLessThan(items * 2);
  },
);

test('a file has one owner, and a second one gets an error with a remedy', async () => {
  const host = await openHere();
  try {
    await expect(openHere()).rejects.toThrow(DurableFileInUseError);
    await expect(openHere()).rejects.toThrow(`The jobs in ${join(folder, 'jobs.db')} are in use`);
  } finally {
    await host.close();
  }
  await (await openHere()).close();
});

test('a file that another process owns is refused until that process exits', async () => {
  let refused: Promise<unknown> | undefined;
  const child = startChild({
    name: 'fan-out',
    entry,
    arguments: [join(folder, 'jobs.db'), 'live', '1000'],
    onLine: (line) => {
      if (line !== 'started') return;
      refused = openHere().catch((error: unknown) => error);
      void refused.then(() => child.signal('SIGKILL'));
    },
  });
  await child.ended;
  expect(await refused).toBeInstanceOf(DurableFileInUseError);
  await (await openHere()).close();
});
