import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { unzipSync } from 'fflate';
import { packageOrchestrator } from '../../../../.ci/package-orchestrator.ts';
import { checkPackage } from '../../../../.ci/verify/package.ts';
import { findTool } from '../../../../.ci/verify/tools.ts';

/* The package that Azure Functions runs. Its functions are tested in register.test.ts. */

const root = fileURLToPath(new URL('../../../../', import.meta.url));

let folder: string;
let archive: Uint8Array;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'package-'));
  archive = await packageOrchestrator(root);
});
afterAll(() => rm(folder, { recursive: true }));

test('contains host.json, package.json and the program that it names, and nothing else', async () => {
  const files = unzipSync(archive);
  expect(Object.keys(files)).toEqual(['host.json', 'package.json', 'orchestrator.mjs']);
  expect(Buffer.from(files['host.json']!)).toEqual(
    await readFile(join(root, 'compute/orchestrator/azure-functions/host.json')),
  );
  expect(JSON.parse(Buffer.from(files['package.json']!).toString())).toMatchObject({
    type: 'module',
    main: 'orchestrator.mjs',
  });
});

test('the same sources are the same bytes, in any folder and time zone', async () => {
  const elsewhere = join(folder, 'another', 'folder');
  await mkdir(elsewhere, { recursive: true });
  for (const part of ['.ci', 'compute', 'contracts', 'runtime', 'package.json', 'tsconfig.json'])
    await cp(join(root, part), join(elsewhere, part), { recursive: true });
  await symlink(join(root, 'node_modules'), join(elsewhere, 'node_modules'));
  const env = { ...process.env, TZ: 'Pacific/Kiritimati' };
  await promisify(execFile)(process.execPath, ['.ci/package.ts'], { cwd: elsewhere, env });
  const other = await readFile(join(elsewhere, 'dist/orchestrator.zip'));
  expect(other.equals(archive)).toBe(true);
});

test('contains no path of this machine and no source map', () => {
  const bundle = Buffer.from(unzipSync(archive)['orchestrator.mjs']!).toString();
  expect(bundle).not.toContain(root);
  expect(bundle).not.toContain(tmpdir() + '/');
  expect(bundle).not.toContain('sourceMappingURL=');
});

const node22 = findTool('node22');
const withNode22 = node22 === undefined ? test.skip : test;
withNode22(
  'registers the same functions on Node 22 (which "npm run verify" installs), and runs a job there',
  async () => {
    expect(await checkPackage(node22 ?? '')).toMatchObject({ wrong: [] });
  },
);
