import { expect, test } from '@jest/globals';
import { request } from 'node:http';
import { listen } from '../../runtime/http-server.ts';
import { allowLocalOnly } from '../../runtime/local-only.ts';
import { hasIpv6 } from '../fixtures/ipv6.ts';

/** Sends a request with a `Host` to a server, and returns the status. */
const getStatus = (url: string, host: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request(url, { headers: { host }, agent: false }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode));
    })
      .once('error', reject)
      .end();
  });

const start = (host: string) =>
  listen(
    allowLocalOnly((_request, response) => void response.end('ok')),
    { what: 'the test', host, port: 0 },
  );

test('a server on another address accepts that address as host, and still no foreign name or address', async () => {
  const server = await start('127.0.0.2');
  try {
    const hosts = [`127.0.0.2:${server.port}`, `localhost:${server.port}`];
    const foreign = [`127.0.0.3:${server.port}`, `attacker.example:${server.port}`, '127.0.0.2:1'];
    const statuses = await Promise.all([...hosts, ...foreign].map((host) => getStatus(server.url, host)));
    expect(statuses).toEqual([200, 200, 403, 403, 403]);
  } finally {
    await server.close();
  }
});

test('a server on all addresses accepts the one at which a request arrives, of IPv4 and IPv6', async () => {
  const server = await start('::');
  try {
    for (const address of ['127.0.0.2', ...(hasIpv6() ? ['[::1]'] : [])]) {
      const url = `http://${address}:${server.port}`;
      const hosts = [
        `${address}:${server.port}`,
        `127.0.0.3:${server.port}`,
        `attacker.example:${server.port}`,
      ];
      expect(await Promise.all(hosts.map((host) => getStatus(url, host)))).toEqual([200, 403, 403]);
    }
  } finally {
    await server.close();
  }
});
