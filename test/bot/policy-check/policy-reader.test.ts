import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { openPolicyReader } from '../../../bot/policy-check/policy-reader.ts';
import { readPolicy } from '../../../chatops/policy/index.ts';
import { createLogger } from '../../../runtime/log.ts';

const opened: { close: () => Promise<void> }[] = [];
const open = (limits?: { maxMilliseconds: number; maxMegabytes: number }) => {
  const reader = openPolicyReader(createLogger('test'), limits);
  opened.push(reader);
  return reader;
};
afterEach(async () => {
  await Promise.all(opened.splice(0).map((reader) => reader.close()));
});

test.each([
  'version: 1\n',
  'version: 2\n',
  'compute: {parameters: {a: {pattern: "("}}}',
  `version: 1\n#${'x'.repeat(3_000)}`,
  `version: 2\n#${'x'.repeat(3_000)}`,
])('a policy is read in another process as it is here: %j', async (text) => {
  const { read } = open({ maxMilliseconds: 60_000, maxMegabytes: 192 });
  expect(await read(text)).toEqual(readPolicy(text));
});

test('one that takes too long is a mistake that names the limit', async () => {
  const slow = open({ maxMilliseconds: 1, maxMegabytes: 192 });
  const large = `version: 1\nx: [${'a,'.repeat(19_000)}]\n`;
  expect(await slow.read(large)).toMatchObject({
    mistakes: [
      {
        message: 'The file takes too long to read',
        expected: 'at most 0.001 seconds',
        received: 'more than 0.001 seconds',
      },
    ],
  });
});

test('a request is answered before a slow policy is read', async () => {
  const { read } = open({ maxMilliseconds: 60_000, maxMegabytes: 192 });
  const server = createServer((_request, response) => response.end('here')).listen(0, '127.0.0.1');
  const order: string[] = [];
  const slow = `version: 1\ncompute: {allow: {users: [${'-,'.repeat(30_000)}]}}\n`;
  try {
    const reading = read(slow).then(() => order.push('read'));
    await new Promise((resolve) => server.once('listening', resolve));
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    order.push(await response.text());
    await reading;
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  expect(order).toEqual(['here', 'read']);
});
