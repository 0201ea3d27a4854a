import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { BlobSASPermissions, BlobServiceClient, ContainerSASPermissions } from '@azure/storage-blob';
import { QueueSASPermissions, QueueServiceClient } from '@azure/storage-queue';
import { createHmac } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountName, startAzurite, type Azurite } from '../../../local/azurite/azurite.ts';
import { openStorage } from '../../../compute/storage/open-storage.ts';
import { createLogger } from '../../../runtime/log.ts';
import type { BlobPath } from '../../../contracts/blob-paths.ts';
import { RawConnection } from '../../fixtures/raw-connection.ts';
import { sendRawRequest } from '../../fixtures/raw-request.ts';

const log = createLogger('test', 'silent');

/** Azurite's default key, and the seed of its user delegation keys. Both are published. */
const publishedKey =
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const publishedSeed = 'azurite-user-delegation-signing-seed-v1';

const withKey = (connectionString: string, key: string): string =>
  connectionString.replace(/AccountKey=[^;]+/, `AccountKey=${key}`);
const once = { retryOptions: { maxTries: 1 } };
const blobsWith = (connectionString: string) =>
  BlobServiceClient.fromConnectionString(connectionString, once);
const queuesWith = (connectionString: string) =>
  QueueServiceClient.fromConnectionString(connectionString, once);
const refusal = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'allowed',
    ({ statusCode }: { statusCode?: number }) => statusCode,
  );
const endpoint = (connectionString: string, service: 'Blob' | 'Queue'): string =>
  new RegExp(`${service}Endpoint=([^;]+)`).exec(connectionString)?.[1] ?? '';
const aMinute = (): Date => new Date(Date.now() + 60_000);

describe('the storage of a local platform', () => {
  let azurite: Azurite;
  let connectionString: string;
  let blob: URL;
  let queue: URL;
  /** Paths with a SAS of our own key: whatever is refused with them is refused for where it comes from. */
  let readable: string;
  let postable: string;

  beforeAll(async () => {
    azurite = await startAzurite({ folder: undefined, blobPort: 0, queuePort: 0, log });
    ({ connectionString } = azurite);
    blob = new URL(endpoint(connectionString, 'Blob'));
    queue = new URL(endpoint(connectionString, 'Queue'));
    const storage = openStorage(connectionString);
    await storage.prepare();
    await storage.blobs.put('tasks/hello.sh', 'echo hello');
    const link = new URL(storage.blobs.signReadLink('tasks/hello.sh', 60));
    readable = link.pathname + link.search;
    const sas = queuesWith(connectionString)
      .getQueueClient('input')
      .generateSasUrl({ permissions: QueueSASPermissions.parse('a'), expiresOn: aMinute() });
    const post = new URL(sas);
    postable = `${post.pathname}/messages${post.search}`;
  });
  afterAll(() => azurite.stop());

  const read = (...headers: string[]) => sendRawRequest(blob.port, `GET ${readable} HTTP/1.1`, headers);
  const message = '<QueueMessage><MessageText>eA==</MessageText></QueueMessage>';
  const post = (...headers: string[]) =>
    sendRawRequest(queue.port, `POST ${postable} HTTP/1.1`, [`Host: ${queue.host}`, ...headers], message);

  test('accepts its own key', async () => {
    expect(await read(`Host: ${blob.host}`)).toBe(200);
    expect(await post('Content-Type: text/plain')).toBe(201);
  });

  test('does not accept the published key, neither in a signature nor in a SAS', async () => {
    const published = withKey(connectionString, publishedKey);
    const container = blobsWith(published).getContainerClient('tasks');
    expect(await refusal(container.getBlobClient('hello.sh').getProperties())).toBe(403);
    expect(await refusal(container.getBlockBlobClient('hello.sh').upload('x', 1))).toBe(403);
    expect(await refusal(queuesWith(published).getQueueClient('input').sendMessage('x'))).toBe(403);
    const permissions = ContainerSASPermissions.parse('rwdl');
    const sas = await container.generateSasUrl({ permissions, expiresOn: aMinute() });
    const [base, query] = sas.split('?');
    expect((await fetch(`${base}/hello.sh?${query}`)).status).toBe(403);
    const account = blobsWith(published).generateAccountSasUrl(aMinute());
    expect((await fetch(`${account}&comp=list`)).status).toBe(403);
  });

  test('does not accept a user delegation SAS that is signed with the published seed', async () => {
    for (const resource of ['c', 'b'] as const)
      expect((await fetch(delegated(blob.href, resource))).status).toBe(403);
  });

  test.each(['', 'constructor', '__proto__', 'toString', 'other', `${accountName}-secondary`])(
    'has no account %p',
    async (account) => {
      const status = await sendRawRequest(blob.port, `GET /${account}/tasks/hello.sh HTTP/1.1`, [
        `Host: ${blob.host}`,
        'Authorization: SharedKey x:y',
      ]);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    },
  );

  test('stores the key where no other user can read it: not in the visible data of a process', async () => {
    const key = /AccountKey=([^;]+)/.exec(connectionString)?.[1] ?? '';
    expect(Buffer.from(key, 'base64')).toHaveLength(64);
    for (const { pid } of azurite.children()) {
      expect(await readFile(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(key);
      expect(await readFile(`/proc/${pid}/environ`, 'utf8')).not.toContain(key);
    }
  });

  test.each([
    ['this machine by name', (port: string) => [`Host: localhost:${port}`], 200],
    ['this machine by name in capitals', (port: string) => [`Host: LOCALHOST:${port}`], 200],
    ['another name', (port: string) => [`Host: evil.example:${port}`], 403],
    ['the account under another name', (port: string) => [`Host: ${accountName}.evil.example:${port}`], 403],
    ['the account under our own name', (port: string) => [`Host: ${accountName}.localhost:${port}`], 403],
    ['our address under another name', (port: string) => [`Host: 127.0.0.1.evil.example:${port}`], 403],
    ['our address with a dot at its end', (port: string) => [`Host: 127.0.0.1.:${port}`], 403],
    ['our name with a dot at its end', (port: string) => [`Host: localhost.:${port}`], 403],
    ['our address in short', (port: string) => [`Host: 127.1:${port}`], 403],
    ['our address as a number', (port: string) => [`Host: 2130706433:${port}`], 403],
    ['any address', (port: string) => [`Host: 0.0.0.0:${port}`], 403],
    ['our address by IPv6', (port: string) => [`Host: [::1]:${port}`], 403],
    ['our address mapped to IPv6', (port: string) => [`Host: [::ffff:127.0.0.1]:${port}`], 403],
    ['a person at our address', (port: string) => [`Host: evil@127.0.0.1:${port}`], 400],
    ['no port', () => ['Host: 127.0.0.1'], 403],
    ['another port', (port: string) => [`Host: 127.0.0.1:${Number(port) - 1}`], 403],
    ['the beginning of our port', (port: string) => [`Host: 127.0.0.1:${port.slice(0, -1)}`], 403],
    ['nothing', () => ['Host: '], 400],
    ['two hosts', (port: string) => [`Host: 127.0.0.1:${port}`, 'Host: evil.example'], 400],
    ['two hosts, ours last', (port: string) => ['Host: evil.example', `Host: 127.0.0.1:${port}`], 400],
    ['two hosts in one', (port: string) => [`Host: 127.0.0.1:${port}, evil.example`], 400],
    [
      'our host behind a proxy’s',
      (port: string) => ['Host: evil', `X-Forwarded-Host: 127.0.0.1:${port}`],
      403,
    ],
  ])('answers a request whose Host names %s', async (_what, headers, status) => {
    expect(await read(...headers(blob.port))).toBe(status);
  });

  test('refuses a request without a Host, and one whose target is an address', async () => {
    expect(await sendRawRequest(blob.port, `GET ${readable} HTTP/1.1`, [])).toBe(400);
    expect(await sendRawRequest(blob.port, `GET ${readable} HTTP/1.0`, [])).toBe(400);
    const host = `Host: ${blob.host}`;
    for (const target of [`http://evil.example${readable}`, `http://${blob.host}${readable}`])
      expect(await sendRawRequest(blob.port, `GET ${target} HTTP/1.1`, [host])).toBe(400);
  });

  test.each([
    '/%zz',
    `/${accountName}/%E0%A4%A`,
    `/${accountName}/tasks/hello.sh?sv=2021-12-02&sr=b&sp=r&se=2030-01-01&sig=%25zz`,
    `/${accountName}/tasks/hello.sh?sv=%25&sr=b&sp=r&se=2030-01-01&sig=x`,
    `/${accountName}/tasks?comp=list&restype=container&ss=%25&srt=sco&sp=r&se=2030-01-01&sv=2021-12-02&sig=x`,
    `/${accountName}?restype=container&comp=list&prefix=%`,
    `/${accountName}?restype=container&comp=list&prefix=%ff`,
    `/${accountName}?restype=service&comp=%ED%A0%80`,
    `/${accountName}/tasks?comp=list?marker=%`,
  ])('answers an address that cannot be decoded with 400: %s', async (path) => {
    const key = `Authorization: SharedKey ${accountName}:x`;
    for (const { port, host } of [blob, queue])
      expect(await sendRawRequest(port, `GET ${path} HTTP/1.1`, [`Host: ${host}`, key])).toBe(400);
  });

  test('finds a blob whose name, and one whose prefix, has percent signs', async () => {
    const { blobs } = openStorage(connectionString);
    const path: BlobPath = 'control/a%2Fb/50%25.json';
    await blobs.put(path, 'it');
    expect(String(await blobs.get(path))).toBe('it');
    expect(await Array.fromAsync(blobs.list('control/a%2Fb/50%'))).toHaveLength(1);
    const link = blobs.signReadLink(path, 60);
    expect(await (await fetch(link)).text()).toBe('it');
  });

  test('serves with the limits of all our servers', async () => {
    for (const { port, host } of [blob, queue]) {
      expect(await sendRawRequest(port, 'TRACE / HTTP/1.1', [`Host: ${host}`])).toBe(405);
      // The server closes the connection after more than 16 concurrent requests, which only an attacker sends.
      const flood = await RawConnection.open(Number(port));
      await flood.write(`GET /${accountName} HTTP/1.1\r\nHost: ${host}\r\n\r\n`.repeat(1_000));
      await flood.closed();
      expect(flood.statuses.length).toBeLessThan(1_000);
    }
  });

  test('takes an upload whose sender waits to be asked for it', async () => {
    const link = blobsWith(connectionString).getContainerClient('output').getBlockBlobClient('expected');
    const url = new URL(
      await link.generateSasUrl({ permissions: BlobSASPermissions.parse('cw'), expiresOn: aMinute() }),
    );
    const upload = await RawConnection.open(Number(blob.port));
    await upload.write(
      `PUT ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${blob.host}\r\nx-ms-blob-type: BlockBlob\r\n` +
        'Content-Length: 5\r\nExpect: 100-continue\r\n\r\n',
    );
    await upload.until((text) => text.includes('100 Continue'));
    await upload.write('hello');
    await upload.until(() => upload.statuses.length > 1);
    expect(upload.statuses).toEqual([100, 201]);
    upload.destroy();
  });

  test.each([
    ['another site', ['Origin: https://evil.example']],
    ['another port of this machine', ['Origin: http://127.0.0.1:9']],
    ['a page without an origin', ['Origin: null']],
    ['another site, as the browser says', ['Sec-Fetch-Site: cross-site']],
    ['another port, as the browser says', ['Sec-Fetch-Site: same-site']],
    ['a site that the browser does not know', ['Sec-Fetch-Site: ']],
    ['two origins', ['Origin: OURS', 'Origin: https://evil.example']],
  ])('accepts no message from a page of %s', async (_what, headers) => {
    const own = headers.map((header) => header.replace('OURS', `http://${queue.host}`));
    expect(await post('Content-Type: text/plain', ...own)).toBe(403);
  });

  test('accepts a message from its own origin, and links from anywhere', async () => {
    expect(await post(`Origin: http://${queue.host}`, 'Sec-Fetch-Site: same-origin')).toBe(201);
    const host = `Host: ${blob.host}`;
    expect(await read(host, 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Mode: navigate')).toBe(200);
    expect(await read(host, 'Sec-Fetch-Site: same-site', 'Origin: http://127.0.0.1:9')).toBe(200);
    expect(await sendRawRequest(blob.port, `HEAD ${readable} HTTP/1.1`, [host, 'Sec-Fetch-Site: none'])).toBe(
      200,
    );
  });

  test('allows no writes by a batch from a page, and answers no preflight, with any stored CORS rule', async () => {
    const rule = {
      allowedOrigins: '*',
      allowedMethods: 'GET,PUT,POST',
      allowedHeaders: '*',
      maxAgeInSeconds: 9,
    };
    const cors = [{ ...rule, exposedHeaders: '*' }];
    await blobsWith(connectionString).setProperties({ cors });
    const batch = [`Host: ${blob.host}`, 'Content-Type: multipart/form-data; boundary=b', 'Origin: null'];
    expect(await sendRawRequest(blob.port, `POST /${accountName}?comp=batch HTTP/1.1`, batch, '--b--')).toBe(
      403,
    );
    const evil = { origin: 'https://evil.example' };
    const preflight = await fetch(blob.origin + readable, {
      method: 'OPTIONS',
      headers: { ...evil, 'access-control-request-method': 'PUT' },
    });
    expect(preflight.status).toBe(403);
    const answer = await fetch(blob.origin + readable, { headers: evil });
    expect(await answer.text()).toBe('echo hello');
    const shown = [...preflight.headers.keys(), ...answer.headers.keys()];
    expect(shown.filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });
});

describe('a data folder from before each had its own key', () => {
  let folder: string;
  let azurite: Azurite | undefined;
  afterEach(async () => {
    await azurite?.stop();
    await rm(folder, { recursive: true });
  });

  test('retains its data under its account; old links and public containers stop working', async () => {
    folder = await mkdtemp(join(tmpdir(), 'coxswain-azurite-'));
    const start = async (key?: string): Promise<string> => {
      await azurite?.stop();
      azurite = undefined;
      const given = key === undefined ? {} : { key };
      azurite = await startAzurite({ folder, blobPort: 0, queuePort: 0, log, ...given });
      return azurite.connectionString;
    };
    const before = openStorage(await start(publishedKey));
    await before.prepare();
    await before.blobs.put('run/kept/log', 'kept');
    await before.input.send('kept');
    const opened = blobsWith(azurite!.connectionString).getContainerClient('run');
    await opened.setAccessPolicy('container');
    const oldLink = new URL(before.blobs.signReadLink('run/kept/log', 600));

    const connectionString = await start();
    const after = openStorage(connectionString);
    expect((await after.blobs.get('run/kept/log'))?.toString()).toBe('kept');
    expect((await after.input.receive(1, 30)).map(({ text }) => text)).toEqual(['kept']);
    const moved = new URL(endpoint(connectionString, 'Blob')).origin + oldLink.pathname;
    expect((await fetch(moved + oldLink.search)).status).toBe(403);
    expect((await fetch(moved)).status).toBe(403);
    expect(await (await fetch(after.blobs.signReadLink('run/kept/log', 600))).text()).toBe('kept');
  });
});

/** Builds the address of a blob with a user delegation SAS from values in Azurite's public source. */
const delegated = (base: string, resource: 'c' | 'b'): string => {
  const [start, end] = [-60_000, 3_600_000].map((shift) => iso(Date.now() + shift)) as [string, string];
  const version = '2020-02-10';
  const keyVersion = '2020-02-10';
  const key = createHmac('sha256', publishedSeed)
    .update(['oid', 'tid', start, end, 'b', keyVersion].join('\n'))
    .digest();
  const path = resource === 'c' ? `/blob/${accountName}/tasks` : `/blob/${accountName}/tasks/hello.sh`;
  // https://learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas, version 2020-02-10
  const signed = [
    'rwdl',
    start,
    end,
    path,
    'oid',
    'tid',
    `${start}\n${end}\nb\n${keyVersion}${'\n'.repeat(4)}`,
    'https,http',
    version,
    `${resource}${'\n'.repeat(6)}`,
  ].join('\n');
  const query = new URLSearchParams({
    sv: version,
    sr: resource,
    sp: 'rwdl',
    st: start,
    se: end,
    spr: 'https,http',
    skoid: 'oid',
    sktid: 'tid',
    skt: start,
    ske: end,
    sks: 'b',
    skv: keyVersion,
    sig: createHmac('sha256', key).update(signed).digest('base64'),
  });
  return `${base}/tasks/hello.sh?${query.toString()}`;
};

const iso = (time: number): string => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
