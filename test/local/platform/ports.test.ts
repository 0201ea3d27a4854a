import { expect, test } from '@jest/globals';
import { choosePorts } from '../../../local/platform/ports.ts';
import { listen } from '../../../runtime/http-server.ts';
import { createDataFolders } from '../../fixtures/data-folders.ts';

const folder = createDataFolders();

test('free ports are all different, and the folder has the same again', async () => {
  const data = folder();
  const ports = await choosePorts(data, 0);
  expect(new Set(Object.values(ports)).size).toBe(5);
  expect(await choosePorts(data, 0)).toEqual(ports);
});

test('if one of the earlier ports is in use, all are chosen again', async () => {
  const data = folder();
  const before = await choosePorts(data, 0);
  const other = await listen(() => {}, { what: 'somebody else', port: before.bot });
  const after = await choosePorts(data, 0);
  await other.close();
  expect(Object.values(after)).not.toContain(before.bot);
});

test('a requested port that is in use is reported with its purpose', async () => {
  const other = await listen(() => {}, { what: 'somebody else', port: 0 });
  const refused = choosePorts(folder(), other.port);
  await expect(refused).rejects.toThrow(`Port ${other.port} for the embedded GitHub is in use`);
  await other.close();
});
