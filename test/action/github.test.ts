import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openGitHub } from '../../action/github.ts';
import { getStatus } from '../../chatops/github/api-client.ts';

/** Breaks off in the middle of each answer. */
const server: Server = createServer((_, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"login":');
  setImmediate(() => response.destroy());
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env['GITHUB_API_URL'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  delete process.env['GITHUB_API_URL'];
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

test('a response that breaks off is an error, and the call is retried', async () => {
  const { octokit } = openGitHub({ 'github-token': 'ghs_test' }, () => AbortSignal.timeout(5_000));
  const error: unknown = await octokit.request('GET /user').catch((cause: unknown) => cause);
  expect(getStatus(error)).toBe(500);
});
