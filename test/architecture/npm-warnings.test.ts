import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { createDataFolders } from '../fixtures/data-folders.ts';

const folder = createDataFolders();

test('npm ci prints no warning about the version of Node that npm itself runs on', async () => {
  const root = folder();
  const write = (path: string, content: object) => writeFileSync(join(root, path), JSON.stringify(content));
  mkdirSync(join(root, 'newer'));
  write('newer/package.json', { name: 'newer', version: '1.0.0', engines: { node: '>=999' } });
  write('package.json', { name: 'clone', version: '1.0.0', dependencies: { newer: 'file:newer' } });
  const npm = async (command: string) => {
    // "npm test" passes the settings of this repository on.
    const own = Object.entries(process.env).filter(([name]) => !/^npm_config_/i.test(name));
    const run = promisify(execFile)('npm', [command, '--offline'], {
      cwd: root,
      timeout: 60_000,
      env: Object.fromEntries(own),
    });
    return (await run).stderr;
  };
  expect(await npm('install')).toContain('EBADENGINE');
  copyFileSync('.npmrc', join(root, '.npmrc'));
  rmSync(join(root, 'node_modules'), { recursive: true });
  expect(await npm('ci')).toBe('');
});
