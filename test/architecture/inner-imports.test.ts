import { expect, test } from '@jest/globals';
import { glob, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';

/*
 * The folders of a room import each other one way, types included: each may import the folders before it, and the files in the room's
 * root that are listed as its base. The base imports no folder. The other files in the root, such as entry points, may import everything
 * in the room.
 */
type Order = { base: readonly string[]; folders: readonly string[] };
const orders: Record<string, Order> = {
  'compute/orchestrator/': {
    base: ['durable.ts', 'timing.ts', 'text.ts', 'json.ts', 'compare-and-swap.ts'],
    folders: [
      'catalogue',
      'events',
      'azure-functions',
      'leases',
      'locks',
      'job',
      'inputs',
      'timers',
      'auth',
      'activities',
      'orchestrations',
      'view',
      'http',
    ],
  },
};

const importPattern = /\bfrom '(\.[^']+)'|\bimport\('(\.[^']+)'\)/g;

/** Returns the first segment of a path inside a room: a folder, or a file in the room's root. */
const getSegment = (room: string, path: string): string => path.slice(room.length).split('/')[0] ?? '';

/** Returns a file's imports inside its room that the order does not allow. */
const findWrong = (room: string, { base, folders }: Order, file: string, source: string): string[] => {
  const here = getSegment(room, file);
  if (!folders.includes(here) && !base.includes(here))
    return here.endsWith('.ts') ? [] : [`${file} is in no folder`];
  const allowed = [...base, ...folders.slice(0, folders.indexOf(here) + 1)];
  return [...source.matchAll(importPattern)]
    .map(([, target, lazy]) => normalize(join(dirname(file), target ?? lazy ?? '')))
    .filter((to) => to.startsWith(room) && !allowed.includes(getSegment(room, to)))
    .map((to) => `${file} imports ${to}`);
};

test.each(Object.entries(orders))('the folders of %s import each other one way', async (room, order) => {
  const files = await Array.fromAsync(glob(`${room}**/*.ts`));
  expect(files.length).toBeGreaterThan(20);
  const wrong = files.map(async (file) => findWrong(room, order, file, await readFile(file, 'utf8')));
  expect((await Promise.all(wrong)).flat()).toEqual([]);
});

test('the check sees types, re-exports, lazy imports, the base and new folders', () => {
  const room = 'compute/orchestrator/';
  const order = { base: ['durable.ts'], folders: ['job', 'http'] };
  const find = (file: string, source: string) => findWrong(room, order, `${room}${file}`, source);
  const broken = [`${room}job/a.ts imports ${room}http/b.ts`];
  expect(find('job/a.ts', "import type { B } from '../http/b.ts';")).toEqual(broken);
  expect(find('job/a.ts', "export { b } from '../http/b.ts';")).toEqual(broken);
  expect(find('job/a.ts', "const b = await import('../http/b.ts');")).toEqual(broken);
  expect(find('job/a.ts', "import { main } from '../main.ts';")).toHaveLength(1);
  expect(find('durable.ts', "import { b } from './job/b.ts';")).toHaveLength(1);
  expect(find('new/a.ts', '')).toHaveLength(1);
  expect(find('http/a.ts', "import { b } from '../job/b.ts';\nimport { d } from '../durable.ts';")).toEqual(
    [],
  );
  expect(find('app.ts', "import { b } from './http/b.ts';")).toEqual([]);
});
