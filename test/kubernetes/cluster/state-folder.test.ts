import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Releases } from '../../../runtime/lifecycle.ts';
import { createStateFolder, removeLeftovers } from './state-folder.ts';

let parent: string;

beforeEach(async () => void (parent = await mkdtemp(join(tmpdir(), 'state-folders-'))));
afterEach(() => rm(parent, { recursive: true }));

/** Creates a folder with the name and the permissions of a cluster's. */
const createFolder = async (name: string, { mode = 0o700, isStarted = true } = {}): Promise<string> => {
  const folder = join(parent, name);
  await mkdir(folder, { mode });
  if (isStarted) await writeFile(join(folder, 'lock'), '');
  return folder;
};

test('the folder of a killed process is removed', async () => {
  const folder = await createFolder('coxswain-cluster-killed');
  await mkdir(join(folder, 'node-1'));
  expect(await removeLeftovers(parent)).toEqual([folder]);
  expect(existsSync(folder)).toBe(false);
});

test('a folder that may belong to somebody else stays', async () => {
  await createFolder('somebody-elses');
  await createFolder('coxswain-cluster-not-started', { isStarted: false });
  await createFolder('coxswain-cluster-readable', { mode: 0o755 });
  const elsewhere = await createFolder('elsewhere');
  await symlink(elsewhere, join(parent, 'coxswain-cluster-link'));
  expect(await removeLeftovers(parent)).toEqual([]);
  expect(existsSync(join(elsewhere, 'lock'))).toBe(true);
});

test('the folder of a cluster that runs stays until the cluster stops', async () => {
  const releases = new Releases();
  const folder = await createStateFolder(releases, parent);
  expect(await removeLeftovers(parent)).toEqual([]);
  await releases.end();
  expect(existsSync(folder)).toBe(false);
});
