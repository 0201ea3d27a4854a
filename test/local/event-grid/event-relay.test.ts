import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createJobId } from '../../../contracts/ids.ts';
import { exitPath, inputPath, logPath, outputPath } from '../../../contracts/blob-paths.ts';
import {
  createQueuePost,
  createWebhookPost,
  startEventRelay,
  type BlobCreatedEvent,
  type EventRelayOptions,
} from '../../../local/event-grid/event-relay.ts';
import { readEvent } from '../../../compute/orchestrator/events/storage-event.ts';
import { createLogger } from '../../../runtime/log.ts';
import { listen, createWebListener, type RunningServer } from '../../../runtime/http-server.ts';
import { waitFor } from '../../fixtures/run-specs.ts';

const job = createJobId();
const output = (block: number) => ({ path: outputPath(job, block), bytes: 10, etag: '"0x1"' });

describe('the event relay', () => {
  let server: RunningServer;
  let requests: { url: string; headers: Headers; events: BlobCreatedEvent[] }[];
  /** The statuses of the next responses, then 202. */
  let answers: number[];

  beforeEach(async () => {
    requests = [];
    answers = [];
    const handle = async (request: Request): Promise<Response> => {
      requests.push({
        url: request.url,
        headers: request.headers,
        events: (await request.json()) as BlobCreatedEvent[],
      });
      return new Response(null, { status: answers.shift() ?? 202 });
    };
    server = await listen(
      createWebListener(handle, () => {}),
      { what: 'the handler', port: 0 },
    );
  });
  afterEach(() => server.close());

  const start = (more: Partial<EventRelayOptions> = {}) =>
    startEventRelay({
      post: createWebhookPost(
        `${server.url}/runtime/webhooks/eventgrid?functionName=ComputeComplete`,
        'system-key',
      ),
      account: 'devstoreaccount1',
      groupMilliseconds: 20,
      log: createLogger('test', 'silent'),
      ...more,
    });
  const paths = () => requests.map(({ events }) => events.map((event) => readEvent(event)?.blob));

  test('delivers in the format of Event Grid, with the key in a header', async () => {
    const relay = start();
    relay.created({ path: exitPath(job), bytes: 99, etag: '"0x8D"' });
    await waitFor(() => requests.length === 1);
    await relay.close();
    const [{ url, headers, events } = requests[0]!] = requests;
    expect(url).toBe(`${server.url}/runtime/webhooks/eventgrid?functionName=ComputeComplete`);
    expect(headers.get('aeg-event-type')).toBe('Notification');
    expect(headers.get('x-functions-key')).toBe('system-key');
    expect(events).toEqual([
      {
        topic: expect.stringMatching(/\/storageAccounts\/devstoreaccount1$/),
        subject: `/blobServices/default/containers/run/blobs/${job}/exit.json`,
        eventType: 'Microsoft.Storage.BlobCreated',
        eventTime: expect.stringMatching(/^\d{4}-.*Z$/),
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        data: expect.objectContaining({
          api: 'PutBlob',
          url: `https://devstoreaccount1.blob.core.windows.net/run/${job}/exit.json`,
          eTag: '0x8D',
          contentLength: 99,
          sequencer: expect.stringMatching(/^[0-9a-f]{48}$/),
        }),
        dataVersion: '',
        metadataVersion: '1',
      },
    ]);
  });

  test('reports only outputs and exit records, in groups', async () => {
    const relay = start();
    relay.created({ path: inputPath(job, 1), bytes: 1, etag: '"1"' });
    relay.created({ path: logPath(job), bytes: 1, etag: '"1"' });
    for (let block = 0; block < 2_500; block += 1) relay.created(output(block));
    await waitFor(() => paths().flat().length === 2_500);
    await relay.close();
    expect(paths().map((group) => group.length)).toEqual([1_000, 1_000, 500]);
    expect(new Set(paths().flat()).size).toBe(2_500);
  });

  test('retries, and drops events that are rejected permanently', async () => {
    const relay = start();
    answers = [503, 202, 403];
    relay.created(output(1));
    await waitFor(() => requests.length === 2);
    relay.created(output(2));
    await waitFor(() => requests.length === 3);
    relay.created(output(3));
    await waitFor(() => requests.length === 4);
    await relay.close();
    expect(paths()).toEqual([1, 1, 2, 3].map((block) => [outputPath(job, block)]));
  });

  test('makes a last attempt when it closes, and stops even without a response', async () => {
    const relay = start({ groupMilliseconds: 3_600_000 });
    relay.created(output(1));
    await relay.close();
    relay.created(output(2));
    expect(paths()).toEqual([[outputPath(job, 1)]]);

    const lost = start({ post: createWebhookPost('http://127.0.0.1:1/', 'system-key') });
    lost.created(output(3));
    await lost.close();
  });

  test('delivers in the arrangement of the test', async () => {
    const relay = start({
      arrange: (events) => [events.toReversed(), [], events].filter(({ length }) => length > 0),
    });
    relay.created(output(1));
    relay.created(output(2));
    await waitFor(() => requests.length === 2);
    await relay.close();
    expect(paths()).toEqual([
      [outputPath(job, 2), outputPath(job, 1)],
      [outputPath(job, 1), outputPath(job, 2)],
    ]);
  });

  test('sends each event as a message to a queue', async () => {
    const messages: string[] = [];
    const send = async (text: string) => void messages.push(text);
    const relay = start({ post: createQueuePost({ send }) });
    relay.created(output(1));
    relay.created(output(2));
    await waitFor(() => messages.length === 2);
    await relay.close();
    const blobs = messages.map((text) => readEvent(JSON.parse(text))?.blob);
    expect(new Set(blobs)).toEqual(new Set([outputPath(job, 1), outputPath(job, 2)]));
  });
});
