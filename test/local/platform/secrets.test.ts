import { createPrivateKey } from 'node:crypto';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadSecrets } from '../../../local/platform/secrets.ts';
import { createDataFolders } from '../../fixtures/data-folders.ts';

const folder = createDataFolders();

test('are generated once per folder, for its owner only, and differ from each other and from those of another folder', async () => {
  const data = folder();
  const made = await loadSecrets(data);
  expect(await loadSecrets(data)).toEqual(made);
  expect(statSync(join(data, 'secrets.json')).mode & 0o777).toBe(0o600);
  expect(createPrivateKey(made.privateKey).asymmetricKeyType).toBe('rsa');
  const other = await loadSecrets(folder());
  const short = [made, other].flatMap((all) => [
    all.functionKey,
    all.systemKey,
    all.webhookSecret,
    all.storageKey,
  ]);
  expect(new Set(short).size).toBe(8);
});

test('a folder from before each had its own storage key gets one, and retains the other secrets', async () => {
  const data = folder();
  const { storageKey, ...old } = await loadSecrets(data);
  writeFileSync(join(data, 'secrets.json'), JSON.stringify(old), { mode: 0o600 });
  const completed = await loadSecrets(data);
  expect(completed).toMatchObject(old);
  expect(completed.storageKey).not.toBe(storageKey);
  expect(Buffer.from(completed.storageKey, 'base64')).toHaveLength(64);
  expect(await loadSecrets(data)).toEqual(completed);
  expect(statSync(join(data, 'secrets.json')).mode & 0o777).toBe(0o600);
});

test('a damaged file is reported without its content, and not overwritten', async () => {
  const data = folder();
  writeFileSync(join(data, 'secrets.json'), '{"v":1,"functionKey":"hush"}');
  const error = await loadSecrets(data).catch((cause: unknown) => String(cause));
  expect(error).toContain(`secrets.json is damaged`);
  expect(error).toContain(`Delete the folder ${data} to start over.`);
  expect(error).not.toContain('hush');
});
