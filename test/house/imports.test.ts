import { expect, test } from '@jest/globals';
import { glob, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';

/*
 * Imports go one way. Each room lists the rooms it may import values from, and those it may import only types from.
 * A room is the longest prefix here that a file's path begins with.
 */
type Allowed = { values: string[]; types?: string[] };
const rooms: Record<string, Allowed> = {
  'runtime/': { values: [] },
  'chatops/markdown/': { values: [] },
  'chatops/command/': { values: ['chatops/markdown/'], types: ['compute/client/'] },
  'chatops/': { values: ['chatops/command/', 'chatops/markdown/'], types: ['compute/client/'] },
  'bot/sandbox/': { values: ['runtime/'] },
  'bot/': { values: ['chatops/', 'chatops/command/', 'compute/client/', 'runtime/'] },
  'action/': {
    values: ['chatops/', 'chatops/command/', 'chatops/markdown/', 'compute/client/', 'runtime/'],
  },
  'compute/formats/': { values: [] },
  'compute/client/': { values: ['compute/formats/'] },
  'compute/storage/': { values: ['compute/formats/'] },
  'compute/launcher/': { values: ['compute/formats/', 'compute/storage/', 'runtime/'] },
  'compute/runner/': { values: ['compute/formats/', 'runtime/'], types: ['compute/launcher/'] },
  'compute/worker/algorithms/': { values: ['compute/formats/', 'runtime/'] },
  'compute/worker/': {
    values: ['compute/formats/', 'compute/storage/', 'compute/worker/algorithms/', 'runtime/'],
  },
  'compute/orchestrator/': {
    values: [
      'compute/formats/',
      'compute/storage/',
      'compute/launcher/',
      'compute/worker/algorithms/',
      'runtime/',
    ],
  },
  'compute/local/': {
    values: [
      'compute/formats/',
      'compute/storage/',
      'compute/launcher/',
      'compute/runner/',
      'compute/orchestrator/',
      'compute/worker/',
      'compute/worker/algorithms/',
      'runtime/',
    ],
  },
};

const roomOf = (path: string): string | undefined =>
  Object.keys(rooms)
    .filter((room) => path.startsWith(room))
    .toSorted((a, b) => b.length - a.length)[0];

type Import = { from: string; to: string; typesOnly: boolean };

const importPattern =
  /^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'(\.[^']+)'|\bimport\('(\.[^']+)'\)/gm;

/** True for `import type …` and for braces in which every name is a type. */
const importsTypesOnly = (statement: string, type: string | undefined): boolean => {
  const names = /\{([^}]*)\}/.exec(statement)?.[1]?.split(',') ?? [];
  const given = names.map((name) => name.trim()).filter((name) => name !== '');
  return type !== undefined || (given.length > 0 && given.every((name) => name.startsWith('type ')));
};

const importsOf = (file: string, source: string): Import[] =>
  [...source.matchAll(importPattern)].map(([statement, type, target, lazy]) => ({
    from: file,
    to: normalize(join(dirname(file), target ?? lazy ?? '')),
    typesOnly: importsTypesOnly(statement, type),
  }));

const wrong = ({ from, to, typesOnly }: Import): string | undefined => {
  const [here, there] = [roomOf(from), roomOf(to)];
  if (here === undefined || here === there) return undefined;
  const allowed = rooms[here];
  if (there !== undefined && allowed?.values.includes(there)) return undefined;
  if (there !== undefined && typesOnly && allowed?.types?.includes(there)) return undefined;
  return `${from} imports ${to}`;
};

const sources = async (): Promise<string[]> =>
  Array.fromAsync(glob('{bot,chatops,compute,runtime,action}/**/*.ts'));

test('imports go one way', async () => {
  const files = await sources();
  expect(files.length).toBeGreaterThan(20);
  const found = await Promise.all(files.map(async (file) => importsOf(file, await readFile(file, 'utf8'))));
  expect(found.flat().map(wrong).filter(Boolean)).toEqual([]);
});

test('the check sees values, types, re-exports and lazy imports', () => {
  const file = 'chatops/reply/a.ts';
  const see = (statement: string) => importsOf(file, statement).map(wrong);
  const broken = [`${file} imports compute/client/index.ts`];
  expect(see("import { httpJobs } from '../../compute/client/index.ts';")).toEqual(broken);
  expect(see("import { type Job, httpJobs } from '../../compute/client/index.ts';")).toEqual(broken);
  expect(see("import {\n  type Job,\n  httpJobs,\n} from '../../compute/client/index.ts';")).toEqual(broken);
  expect(see("export { httpJobs } from '../../compute/client/index.ts';")).toEqual(broken);
  expect(see("const a = await import('../../compute/client/index.ts');")).toEqual(broken);
  expect(see("import type { Job } from '../../compute/client/index.ts';")).toEqual([undefined]);
  expect(see("import { type Job } from '../../compute/client/index.ts';")).toEqual([undefined]);
  expect(see("import type { Job } from '../../compute/formats/job.ts';")).toEqual([
    `${file} imports compute/formats/job.ts`,
  ]);
});
