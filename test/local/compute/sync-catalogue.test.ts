import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { formatCatalogueProblem } from '../../../local/compute/catalogue-folder.ts';
import { syncCatalogue } from '../../../local/compute/sync-catalogue.ts';

/** A catalogue in memory: the two operations that the sync uses. */
const catalogue = () => {
  const there = new Map<string, Buffer>();
  const puts: string[] = [];
  const put = async (path: string, body: string | Uint8Array): Promise<void> => {
    puts.push(path);
    there.set(path, Buffer.from(body));
  };
  return { there, puts, blobs: { get: async (path: string) => there.get(path), put } };
};

describe('the catalogue', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tasks-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const write = (files: Record<string, string>) =>
    Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
  const definition = (more: object) =>
    JSON.stringify({ taskName: 'A', dockerImage: 'i', scriptName: 'a.sh', ...more });

  test('receives the files of the folder: scripts first, and afterwards only changed files', async () => {
    const { blobs, puts, there } = catalogue();
    await write({ 'A.json': definition({}), 'a.sh': '#!/bin/sh\n', '.hidden': '' });
    await mkdir(join(folder, 'more'));
    expect(await syncCatalogue(blobs, folder)).toEqual([]);
    expect(puts).toEqual(['tasks/a.sh', 'tasks/A.json']);
    await write({ 'a.sh': '#!/bin/sh\necho new\n' });
    await syncCatalogue(blobs, folder);
    expect(puts.slice(2)).toEqual(['tasks/a.sh']);
    expect(there.get('tasks/a.sh')?.toString()).toContain('new');
  });

  test('reports invalid definitions, and receives them nevertheless', async () => {
    const { blobs, there } = catalogue();
    await write({
      'Broken.json': '{"taskName": ',
      'Other.json': definition({}),
      'Lost.json': definition({ taskName: 'Lost', scriptName: 'lost.sh' }),
      'Changed.json': definition({ taskName: 'Changed', sha256: '0'.repeat(64) }),
      'Bad.json': definition({ taskName: 'Bad', timeoutSeconds: 'soon' }),
      'a.sh': '#!/bin/sh\n',
    });
    const problems = await syncCatalogue(blobs, folder);
    expect(problems.map((problem) => formatCatalogueProblem(problem))).toEqual([
      'Bad.json:1: timeoutSeconds: expected an integer from 1 to 604800, received soon',
      expect.stringMatching(/^Broken\.json(?::1)?: not JSON: /),
      expect.stringMatching(/^Changed\.json:1: the sha256 of its script a\.sh is [0-9a-f]{64}, not 0{64}$/),
      'Lost.json:1: its script lost.sh is not in the same folder',
      'Other.json: its taskName is A',
    ]);
    expect(there.size).toBe(6);
  });

  test('of our own tasks has no problems', async () => {
    const { blobs, there } = catalogue();
    const own = fileURLToPath(new URL('../../../compute/tasks', import.meta.url));
    expect(await syncCatalogue(blobs, own)).toEqual([]);
    expect([...there.keys()]).toEqual(
      expect.arrayContaining(['tasks/StopVM.json', 'tasks/Hello.json', 'tasks/Countdown.json']),
    );
  });
});
