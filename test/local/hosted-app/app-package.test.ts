import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { openAppPackage } from '../../../local/hosted-app/package/app-package.ts';

let folder: string;
let hostJson: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'app-package-'));
  hostJson = await readFile('compute/orchestrator/azure-functions/host.json', 'utf8');
});
afterAll(() => rm(folder, { recursive: true }));

const open = async (files: Record<string, string>): Promise<unknown> => {
  const file = join(folder, 'app.zip');
  const entries = Object.entries(files).map(([name, text]) => [name, Buffer.from(text)]);
  await writeFile(file, zipSync(Object.fromEntries(entries)));
  return openAppPackage(file, join(folder, 'app'));
};

test.each([
  ['host.json', { 'package.json': '{"main":"a.mjs"}', 'a.mjs': '' }, 'it does not contain host.json'],
  ['package.json', { 'host.json': '{}' }, 'it does not contain package.json'],
  ['the bundle', { 'package.json': '{"main":"a.mjs"}', 'host.json': '{}' }, 'names no file: a.mjs'],
])('a package without %s is refused with what is missing', async (_what, files, message) => {
  await expect(open(files)).rejects.toThrow(message);
});

test('a file outside the folder is not written', async () => {
  await expect(open({ '../outside': '' })).rejects.toThrow('it contains a path outside its folder');
});

test('a whole package is unpacked', async () => {
  const whole = { 'host.json': hostJson, 'package.json': '{"main":"*.mjs","type":"module"}', 'a.mjs': '' };
  expect(await open(whole)).toMatchObject({ scripts: [join(folder, 'app/a.mjs')], isModule: true });
});
