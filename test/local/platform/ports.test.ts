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

test('where one of the earlier ports is taken, all are chosen anew', async () => {
  const data = folder();
  const before = await choosePorts(data, 0);
  const other = await listen(() => {}, { what: 'somebody else', port: before.bot });
  const after = await choosePorts(data, 0);
  await other.close();
  expect(Object.values(after)).not.toContain(before.bot);
});

test('a named port that is taken is told with what it was meant for', async () => {
  const other = await listen(() => {}, { what: 'somebody else', port: 0 });
  const refused = choosePorts(folder(), other.port);
  await expect(refused).rejects.toThrow(`Port ${other.port} for the embedded GitHub is in use`);
  await other.close();
});
