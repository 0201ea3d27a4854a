import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { createBlobAppender } from '../../../bot/audit/blob-appender.ts';
import { openAudit } from '../../../bot/audit/open-audit.ts';
import { createBotMetrics } from '../../../bot/metrics.ts';
import { startAzurite, type Azurite } from '../../../local/azurite/azurite.ts';
import { createLogger } from '../../../runtime/log.ts';
import { createAuditEntry } from '../../fixtures/audit-entry.ts';

let azurite: Azurite;
let proxy: Server;
/** Appends whose answer is lost on the way back, though they have happened. */
let lost = 0;

/** In front of Azurite, to lose answers. */
const openProxy = async (target: number): Promise<Server> => {
  const server = createServer((incoming, outgoing) => {
    const { method, url } = incoming;
    // Azurite answers only to its own address.
    const headers = { ...incoming.headers, host: `127.0.0.1:${target}` };
    const loses = (url ?? '').includes('comp=appendblock') && lost > 0;
    if (loses) lost -= 1;
    incoming.pipe(
      request({ host: '127.0.0.1', port: target, method, path: url, headers }, (answer) => {
        if (loses) answer.resume().once('end', () => outgoing.destroy());
        else answer.pipe(outgoing.writeHead(answer.statusCode ?? 500, answer.headers));
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
};

beforeAll(async () => {
  azurite = await startAzurite({
    folder: undefined,
    blobPort: 0,
    queuePort: 0,
    log: createLogger('test', 'silent'),
  });
  proxy = await openProxy(
    Number(/BlobEndpoint=http:\/\/127\.0\.0\.1:(\d+)/.exec(azurite.connectionString)?.[1]),
  );
});
afterAll(async () => {
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
  await azurite.stop();
});

const container = () =>
  BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient('audit');
/** The blob of an instance, on whatever day the test began. */
const blobOf = async (instance: string) => {
  for await (const { name } of container().listBlobsFlat()) {
    if (/^\d{4}-\d\d-\d\d\//.test(name) && name.endsWith(`/${instance}.jsonl`))
      return container().getBlobClient(name);
  }
  throw new Error(`there is no blob of ${instance}`);
};
const textOf = async (instance: string): Promise<string> =>
  (await (await blobOf(instance)).downloadToBuffer()).toString();

test('decisions of a day are in one blob, also after a restart', async () => {
  const log = pino({ level: 'silent' });
  for (const n of [1, 2]) {
    const { audit, stop } = openAudit({
      storage: azurite.connectionString,
      instance: 'bot-a',
      metrics: createBotMetrics(),
      log,
    });
    audit.record(createAuditEntry(n));
    audit.record(createAuditEntry(n * 10));
    await stop();
  }
  const lines = (await textOf('bot-a')).trimEnd().split('\n');
  expect(
    lines.map((line) => (JSON.parse(line) as ReturnType<typeof createAuditEntry>).where.comment),
  ).toEqual([1, 10, 2, 20]);
});

test('an append whose answer is lost is not done twice', async () => {
  const { port } = proxy.address() as AddressInfo;
  const storage = azurite.connectionString.replace(/(BlobEndpoint=http:\/\/127\.0\.0\.1:)\d+/, `$1${port}`);
  const keep = createBlobAppender(storage, 'bot-b');
  await keep('1\n');
  lost = 1;
  await expect(keep('2\n')).rejects.toThrow();
  await keep('2\n');
  await keep('3\n');
  expect(await textOf('bot-b')).toBe('1\n2\n3\n');
});

test('a deleted blob is created again', async () => {
  const keep = createBlobAppender(azurite.connectionString, 'bot-c');
  await keep('1\n');
  await (await blobOf('bot-c')).delete();
  await expect(keep('2\n')).rejects.toThrow();
  await keep('2\n');
  expect(await textOf('bot-c')).toBe('2\n');
});
