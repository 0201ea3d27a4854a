import { expect, test } from '@jest/globals';
import { request } from 'node:http';
import { listen } from '../../runtime/http-server.ts';
import { allowLocalOnly } from '../../runtime/local-only.ts';

/** Sends a request with a `Host` to a server, and returns the status. */
const getStatus = (url: string, host: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request(url, { headers: { host }, agent: false }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode));
    })
      .once('error', reject)
      .end();
  });

test('a server on another address accepts that address as host, and still no foreign name or address', async () => {
  const server = await listen(
    allowLocalOnly((_request, response) => void response.end('ok')),
    { what: 'the test', host: '127.0.0.2', port: 0 },
  );
  try {
    const hosts = [`127.0.0.2:${server.port}`, `localhost:${server.port}`];
    const foreign = [`127.0.0.3:${server.port}`, `attacker.example:${server.port}`, '127.0.0.2:1'];
    const statuses = await Promise.all([...hosts, ...foreign].map((host) => getStatus(server.url, host)));
    expect(statuses).toEqual([200, 200, 403, 403, 403]);
  } finally {
    await server.close();
  }
});
