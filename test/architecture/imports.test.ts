import { expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';

/*
 * Imports go one way. Each room lists the rooms, or single files, from which it may import values, and those from which it may
 * import only types.
 * Everybody may import from contracts/ and runtime/async/, which import nothing. A file belongs to the room with the longest matching
 * prefix; a file without a room fails the test.
 */
type Allowed = { values: readonly string[]; types?: readonly string[] };
const rooms: Record<string, Allowed> = {
  'contracts/': { values: [] },
  'runtime/async/': { values: [] },
  'runtime/': { values: [] },
  'chatops/markdown/': { values: [] },
  'chatops/markdown-visibility/': { values: [] },
  'chatops/command/': { values: ['chatops/markdown/', 'chatops/markdown-visibility/'] },
  'chatops/': { values: ['chatops/command/', 'chatops/markdown/'], types: ['compute/client/'] },
  'local/sqlite/': { values: [] },
  'local/github-emulator/': { values: ['local/sqlite/', 'runtime/'] },
  'bot/': {
    values: ['chatops/', 'chatops/command/', 'chatops/markdown-visibility/', 'compute/client/', 'runtime/'],
  },
  'action/': {
    values: [
      'chatops/',
      'chatops/command/',
      'chatops/markdown/',
      'chatops/markdown-visibility/',
      'compute/client/',
      // Of runtime/, only what the bundle needs: limits for untrusted text, and the rules for secrets, addresses and proxies.
      'runtime/process-task.ts',
      'runtime/serve-tasks.ts',
      'runtime/secret-encodings.ts',
      'runtime/secure-address.ts',
      'runtime/loopback.ts',
    ],
  },
  'compute/client/': { values: [] },
  'compute/storage/': { values: [] },
  'compute/launcher/': { values: ['compute/storage/', 'runtime/'] },
  'compute/runner/': { values: ['runtime/'], types: ['compute/launcher/'] },
  'compute/algorithms/': { values: ['runtime/'] },
  'compute/worker/': {
    values: ['compute/storage/', 'compute/algorithms/', 'runtime/'],
  },
  'compute/orchestrator/': {
    values: [
      'compute/storage/',
      'compute/launcher/',
      'compute/algorithms/',
      // Masks a runner's own output as the runner masks its script's.
      'compute/runner/log/redactor.ts',
      'runtime/',
    ],
  },
  'local/': {
    values: [
      'compute/client/',
      // The reader of the bot, for the check of the policy on the page.
      'bot/policy-check/policy-reader.ts',
      'bot/policy-check/problem-message.ts',
      'compute/storage/',
      'compute/launcher/',
      'compute/runner/',
      'compute/orchestrator/',
      'compute/worker/',
      'compute/algorithms/',
      'local/github-emulator/',
      'local/sqlite/',
      'runtime/',
    ],
  },
  'cli/': {
    values: [
      'chatops/',
      'chatops/command/',
      'compute/client/',
      'compute/orchestrator/',
      'local/',
      'local/github-emulator/',
      'runtime/',
    ],
  },
  // What builds, tests and measures the rooms may import all of them.
  '.ci/': { values: ['*'] },
  'bench/': { values: ['*'] },
  'test/': { values: ['*'] },
};

/** The rooms from which everybody may import values. */
const leaves: readonly string[] = ['contracts/', 'runtime/async/'];

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

/** Returns whether a list of rooms, or of single files, allows the import of a file. */
const allows = (list: readonly string[] | undefined, there: string, file: string): boolean =>
  list?.some((one) => one === '*' || one === there || one === file) ?? false;

const wrong = ({ from, to, typesOnly }: Import): string | undefined => {
  const [here, there] = [roomOf(from), roomOf(to)];
  if (here === undefined) return `${from} is in no room`;
  if (here === there || leaves.includes(there ?? '') || !to.endsWith('.ts')) return undefined;
  const allowed = rooms[here];
  if (there !== undefined && allows(allowed?.values, there, to)) return undefined;
  if (there !== undefined && typesOnly && allows(allowed?.types, there, to)) return undefined;
  return `${from} imports ${to}`;
};

const sources = async (): Promise<string[]> =>
  Array.fromAsync(
    glob(['**/*.ts', '.ci/**/*.ts'], { exclude: (name) => name === 'node_modules' || name === 'dist' }),
  );

const read = async (file: string): Promise<[file: string, source: string]> => [
  file,
  await readFile(file, 'utf8'),
];

test('imports go one way', async () => {
  const files = await Promise.all((await sources()).map(read));
  expect(files.length).toBeGreaterThan(1_000);
  const unplaced = files.map(([file]) => file).filter((file) => roomOf(file) === undefined);
  expect(unplaced).toEqual([]);
  const found = files.flatMap(([file, source]) => importsOf(file, source));
  expect(found.map(wrong).filter(Boolean)).toEqual([]);
});

/*
 * Inside these rooms, the layers from the bottom to the top: a file imports only from its own layer and from those below, types
 * included. A file belongs to the layer with the longest matching prefix.
 */
const layers: Record<string, readonly string[]> = {
  'chatops/': [
    'chatops/incoming-comment.ts',
    'chatops/result.ts',
    'chatops/markdown/',
    'chatops/markdown-visibility/',
    'chatops/command/',
    'chatops/policy/',
    'chatops/github/',
    'chatops/lease/',
    'chatops/job/',
    'chatops/reply/',
    'chatops/reply-sync/',
    'chatops/command-outcome.ts',
    'chatops/audit.ts',
    'chatops/policy-protection.ts',
    'chatops/authorization.ts',
    'chatops/command-context.ts',
    'chatops/handlers/',
    'chatops/',
    'chatops/sweep/',
  ],
  'compute/orchestrator/': [
    'compute/orchestrator/durable.ts',
    'compute/orchestrator/text.ts',
    'compute/orchestrator/timing.ts',
    'compute/orchestrator/link-lifetime.ts',
    'compute/orchestrator/process-each.ts',
    'compute/orchestrator/json.ts',
    'compute/orchestrator/leases/',
    'compute/orchestrator/locks/',
    'compute/orchestrator/job/',
    'compute/orchestrator/catalogue/',
    'compute/orchestrator/inputs/',
    'compute/orchestrator/activities/',
    'compute/orchestrator/orchestrations/',
    'compute/orchestrator/events/',
    'compute/orchestrator/timers/',
    'compute/orchestrator/auth/',
    'compute/orchestrator/view/',
    'compute/orchestrator/log-stream/',
    'compute/orchestrator/http/',
    'compute/orchestrator/azure-functions/',
    'compute/orchestrator/',
  ],
};

const layerOf = (path: string, room: readonly string[]): number =>
  room.indexOf(
    room.filter((layer) => path.startsWith(layer)).toSorted((a, b) => b.length - a.length)[0] ?? '',
  );

test.each(Object.entries(layers))('inside %s, imports go down', async (room, order) => {
  const files = await Promise.all((await sources()).filter((file) => file.startsWith(room)).map(read));
  const found = files
    .flatMap(([file, source]) => importsOf(file, source))
    .filter(({ from, to }) => to.startsWith(room) && layerOf(to, order) > layerOf(from, order));
  expect(found.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  const unused = order.filter((layer) => !files.some(([file]) => file.startsWith(layer)));
  expect(unused).toEqual([]);
});

/** Returns a circle of imports through a file, if there is one. */
const findCircle = (imports: ReadonlyMap<string, readonly string[]>): string[] | undefined => {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    path.push(file);
    for (const next of imports.get(file) ?? []) {
      const circle = visit(next);
      if (circle) return circle;
    }
    path.pop();
    done.add(file);
    return undefined;
  };
  for (const file of imports.keys()) {
    const circle = visit(file);
    if (circle) return circle;
  }
  return undefined;
};

test('no file imports itself through others, types included', async () => {
  const files = await Promise.all((await sources()).map(read));
  const imports = files.map(([file, source]): [string, string[]] => [
    file,
    importsOf(file, source).map(({ to }) => to),
  ]);
  expect(findCircle(new Map(imports))).toBeUndefined();
  expect(
    findCircle(
      new Map([
        ['a', ['b']],
        ['b', ['c']],
        ['c', ['b']],
      ]),
    ),
  ).toEqual(['b', 'c', 'b']);
});

/** Matches a file beside the source that a program finds at run time. Not inside comments. */
const addressPattern = /(?<!^ *(?:\*|\/\/).*)new URL\(\s*'([^'$]+)',\s*import\.meta\.url\s*,?\s*\)/gm;

/** The source of a process that a test writes itself. */
const writtenByTests = ['test/runtime/yaml-process.ts'];

test('each address that is relative to a source file exists', async () => {
  const files = await Promise.all((await sources()).map(read));
  const addresses = files.flatMap(([file, source]) =>
    [...source.matchAll(addressPattern)].map(([, target = '']) => ({
      file,
      target,
      path: normalize(join(dirname(file), target)),
    })),
  );
  expect(addresses.length).toBeGreaterThan(20);
  const missing = addresses.filter(({ path }) => !existsSync(path) && !writtenByTests.includes(path));
  expect(missing).toEqual([]);
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
  expect(see("import { jobStates } from '../../contracts/job.ts';")).toEqual([undefined]);
  expect(see("import type { Clock } from '../../runtime/http/transfer-monitor.ts';")).toEqual([
    `${file} imports runtime/http/transfer-monitor.ts`,
  ]);
});
