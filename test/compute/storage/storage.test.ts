import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { inspect } from 'node:util';
import { startAzurite, type Azurite } from '../../../local/azurite/azurite.ts';
import { openStorage, type Storage } from '../../../compute/storage/open-storage.ts';
import type { BlobPath } from '../../../contracts/blob-paths.ts';
import { createLogger } from '../../../runtime/log.ts';

let azurite: Azurite;
let storage: Storage;

describe('storage', () => {
  beforeAll(async () => {
    azurite = await startAzurite({
      folder: undefined,
      blobPort: 0,
      queuePort: 0,
      log: createLogger('test', 'silent'),
    });
    storage = openStorage(azurite.connectionString);
    await storage.prepare();
  });
  afterAll(() => azurite.stop());

  const text = async (path: BlobPath) => (await storage.blobs.get(path))?.toString();
  const paths = async (prefix: BlobPath, range?: { from?: BlobPath; to?: BlobPath }) =>
    (await Array.fromAsync(storage.blobs.list(prefix, range))).map(({ path }) => path);

  describe('blobs', () => {
    test('are returned as they were put; one that does not exist is undefined', async () => {
      await storage.blobs.put('tasks/a b#?ü.json', '{"ü":1}');
      expect(await text('tasks/a b#?ü.json')).toBe('{"ü":1}');
      await storage.blobs.put('tasks/empty', '');
      expect(await text('tasks/empty')).toBe('');
      expect(await text('tasks/none')).toBeUndefined();
      expect(await storage.blobs.exists('tasks/empty')).toBe(true);
      expect(await storage.blobs.exists('tasks/none')).toBe(false);
    });

    test('put once: the first writer wins, also among many at once', async () => {
      const won = await Promise.all(
        [1, 2, 3, 4, 5, 6].map((writer) => storage.blobs.putOnce('output/once', `${writer}`)),
      );
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await text('output/once')).toBe(`${won.indexOf(true) + 1}`);
      expect(await storage.blobs.putOnce('output/once', 'late')).toBe(false);
    });

    test('are replaced and deleted only if they are unchanged', async () => {
      const { blobs } = storage;
      expect(await blobs.getWithTag('control/swap')).toBeUndefined();
      expect(await blobs.putIf('control/swap', 'early', '"0x0"')).toBe(false);
      const created = await Promise.all(
        ['a', 'b', 'c'].map((text) => blobs.putIf('control/swap', text, null)),
      );
      expect(created.filter(Boolean)).toHaveLength(1);
      const seen = await blobs.getWithTag('control/swap');
      expect(seen?.body.toString()).toBe('abc'[created.indexOf(true)]);
      const { tag = '' } = seen ?? {};
      const swapped = await Promise.all(
        ['d', 'e', 'f'].map((text) => blobs.putIf('control/swap', text, tag)),
      );
      expect(swapped.filter(Boolean)).toHaveLength(1);
      expect(await blobs.deleteIf('control/swap', tag)).toBe(false);
      const last = (await blobs.getWithTag('control/swap'))?.tag ?? '';
      expect(await blobs.deleteIf('control/swap', last)).toBe(true);
      expect(await blobs.deleteIf('control/swap', last)).toBe(false);
    });

    test('give their end, and when listed, their time and a tag that changes with them', async () => {
      const { blobs } = storage;
      await blobs.put('run/end/log', 'abcdef');
      expect(await blobs.getTail('run/end/log', 4)).toEqual({ body: Buffer.from('cdef'), length: 6 });
      expect(await blobs.getTail('run/end/log', 99)).toEqual({ body: Buffer.from('abcdef'), length: 6 });
      const [first] = await Array.fromAsync(blobs.list('run/end/'));
      expect(Math.abs(Date.now() - (first?.modified.getTime() ?? 0))).toBeLessThan(600_000);
      await blobs.put('run/end/log', '');
      const [second] = await Array.fromAsync(blobs.list('run/end/'));
      expect(second?.tag).not.toBe(first?.tag);
      expect(second?.tag).toBe((await blobs.getWithTag('run/end/log'))?.tag);
      expect(await blobs.getTail('run/end/log', 4)).toEqual({ body: Buffer.alloc(0), length: 0 });
      expect(await blobs.getTail('run/end/none', 4)).toBeUndefined();
    });

    test('in parts are joined in order, whatever their number and size', async () => {
      async function* parts() {
        for (let part = 0; part < 100; part += 1) yield String(part % 10).repeat(100_001);
      }
      await storage.blobs.putParts('result/parts.jsonl', parts());
      const joined = (await text('result/parts.jsonl')) ?? '';
      expect(joined).toHaveLength(10_000_100);
      expect(joined).toBe((await Array.fromAsync(parts())).join(''));
      await storage.blobs.putParts('result/none.jsonl', (async function* () {})());
      expect(await text('result/none.jsonl')).toBe('');
    });

    test('are listed by prefix, in order, over page borders, within a range', async () => {
      const names = Array.from(
        { length: 300 },
        (_, block) => `input/list/${String(block).padStart(6, '0')}.json` as BlobPath,
      );
      await Promise.all(
        [...names, 'input/list2/000000.json' as BlobPath].map((name) => storage.blobs.put(name, 'abc')),
      );
      expect(await paths('input/list/')).toEqual(names);
      expect(await paths('input/list/', { from: names[100]!, to: names[299]! })).toEqual(names.slice(100));
      expect(await paths('input/list/', { from: names[7]!, to: names[9]! })).toEqual(names.slice(7, 10));
      expect(await paths('input/nothing/')).toEqual([]);
      const [first] = await Array.fromAsync(storage.blobs.list('input/list/'));
      expect(first).toMatchObject({ path: names[0], bytes: 3 });
    });

    test('are deleted in batches; one that does not exist is no error', async () => {
      const names = Array.from({ length: 300 }, (_, block) => `input/delete/${block}` as BlobPath);
      await Promise.all(names.filter((_, block) => block !== 17).map((name) => storage.blobs.put(name, '')));
      await storage.blobs.delete(names.slice(0, 299));
      expect(await paths('input/delete/')).toEqual([names[299]]);
      await storage.blobs.delete([names[299]!]);
      await storage.blobs.delete([names[299]!]);
      await storage.blobs.delete([]);
      expect(await paths('input/delete/')).toEqual([]);
    });
  });

  describe('links', () => {
    const append = (url: string, body: string) =>
      fetch(`${url}&comp=appendblock`, { method: 'PUT', body, headers: { 'x-ms-version': '2021-12-02' } });
    const put = (url: string, type: string, body: string) =>
      fetch(url, {
        method: 'PUT',
        body,
        headers: { 'x-ms-blob-type': type, 'x-ms-version': '2021-12-02' },
      });

    test('to read: this blob only, nothing but reading, until they expire', async () => {
      await storage.blobs.put('result/read.json', 'mine');
      await storage.blobs.put('result/other.json', 'not for you');
      const link = storage.blobs.signReadLink('result/read.json', 60);
      expect(await (await fetch(link)).text()).toBe('mine');
      expect((await fetch(link.replace('read.json', 'other.json'))).status).toBe(403);
      expect((await put(link, 'BlockBlob', 'changed')).status).toBe(403);
      expect((await fetch(storage.blobs.signReadLink('result/read.json', -60))).status).toBe(403);
    });

    test('to create: once, and not to read', async () => {
      const link = storage.blobs.signCreateLink('run/job/exit.json', 60);
      expect((await put(link, 'BlockBlob', 'first')).status).toBe(201);
      expect((await put(link, 'BlockBlob', 'second')).status).toBe(403);
      expect((await fetch(link)).status).toBe(403);
      expect(await text('run/job/exit.json')).toBe('first');
    });

    test('to append: create and append, not replace', async () => {
      const link = storage.blobs.signAppendLink('run/job/log', 60);
      expect((await put(link, 'AppendBlob', '')).status).toBe(201);
      expect((await append(link, 'a')).status).toBe(201);
      expect((await append(link, 'b')).status).toBe(201);
      expect((await put(link, 'AppendBlob', '')).status).toBe(403);
      expect(await text('run/job/log')).toBe('ab');
    });
  });

  describe('queues', () => {
    test('a message is received, renewed with another text, returned and deleted; an old receipt has no effect', async () => {
      await storage.input.send('{"ü":1}');
      const [message] = await storage.input.receive(32, 30);
      expect(message).toMatchObject({ text: '{"ü":1}', deliveries: 1 });
      expect(await storage.input.receive(1, 30)).toEqual([]);
      const renewed = await storage.input.renew(message!, 30);
      expect(await storage.input.renew(message!, 0)).toBeUndefined();
      expect(await storage.input.delete(message!)).toBe(false);
      await storage.input.renew(renewed!, 0, 'other');
      const [again] = await storage.input.receive(1, 30);
      expect(again).toMatchObject({ id: message!.id, text: 'other', deliveries: 2 });
      expect(await storage.input.length()).toBe(1);
      expect(await storage.input.delete(again!)).toBe(true);
      expect(await storage.input.delete(again!)).toBe(false);
      expect(await storage.input.length()).toBe(0);
    });

    test('a message that is not base64 is received unchanged', async () => {
      const { QueueServiceClient } = await import('@azure/storage-queue');
      const queue = QueueServiceClient.fromConnectionString(azurite.connectionString).getQueueClient(
        'input-poison',
      );
      await queue.sendMessage('hello, world');
      await queue.sendMessage(Buffer.from([0xff, 0xfe, 0xff]).toString('base64'));
      const texts = (await storage.poison.receive(2, 30)).map((message) => message.text);
      expect(texts.sort()).toEqual(['//7/', 'hello, world']);
    });
  });

  test('an error names what failed and its status, and shows no key, signature or query', async () => {
    const wrong = openStorage(azurite.connectionString.replace(/AccountKey=.{4}/, 'AccountKey=Abc8'));
    const fault = await wrong.blobs.get('tasks/x').catch((error: unknown) => error);
    expect(fault).toMatchObject({ name: 'StorageError', status: 403 });
    expect((fault as Error).message).toContain('get tasks/x');
    expect(inspect(fault, { depth: 10, showHidden: true })).not.toMatch(/sig=|SharedKey|Abc8/);
  });
});
