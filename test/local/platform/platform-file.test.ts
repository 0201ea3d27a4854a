import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  NoPlatformError,
  readPlatformFile,
  removePlatformFile,
  writePlatformFile,
  type PlatformFile,
} from '../../../local/platform/platform-file.ts';
import { lockDataDir } from '../../../runtime/data-dir-lock.ts';
import { createDataFolders } from '../../fixtures/data-folders.ts';

const content: PlatformFile = {
  v: 1,
  pid: process.pid,
  orchestrator: { url: 'http://127.0.0.1:2', key: 'k' },
  bot: { url: 'http://127.0.0.1:3', webhookUrl: 'http://127.0.0.1:3/w', webhookSecret: 's' },
  github: {
    url: 'http://127.0.0.1:1',
    page: 'http://127.0.0.1:1/acme/ops/issues/1',
    signInKey: 'i',
    repository: 'acme/ops',
    issue: 1,
    installation: 1,
    token: 't',
    workflowToken: 'w',
    users: [{ login: 'octavia', role: 'write', token: 't' }],
  },
  storage: { connectionString: 'c' },
  dashboard: null,
  children: [{ name: 'bot', pid: 5 }],
};

describe('platform.json', () => {
  const folder = createDataFolders();

  test('is read as it was written, and only by its owner', async () => {
    const data = folder();
    const held = lockDataDir(data);
    await writePlatformFile(data, content);
    expect(await readPlatformFile(data)).toEqual(content);
    held.release();
    expect(statSync(join(data, 'platform.json')).mode & 0o777).toBe(0o600);
  });

  test('of a stopped platform, or damaged, or missing means that no platform is running', async () => {
    const data = folder();
    await expect(readPlatformFile(data)).rejects.toThrow(NoPlatformError);
    // No process has this id: the most that Linux gives is 2^22.
    await writePlatformFile(data, { ...content, pid: 2 ** 30 });
    await expect(readPlatformFile(data)).rejects.toThrow(`Start it with: npm start -- --data ${data}`);
    // Another process has its process id now, and another user may listen on its ports.
    await writePlatformFile(data, content);
    await expect(readPlatformFile(data)).rejects.toThrow(NoPlatformError);
    const held = lockDataDir(data);
    await writePlatformFile(data, { ...content, pid: 2 ** 30 });
    await expect(readPlatformFile(data)).rejects.toThrow(NoPlatformError);
    held.release();
    writeFileSync(join(data, 'platform.json'), '{"v":1');
    await expect(readPlatformFile(data)).rejects.toThrow(NoPlatformError);
    await removePlatformFile(data);
    await removePlatformFile(data);
  });
});
