import { expect, test } from '@jest/globals';
import type { DurableClient } from '../../../compute/orchestrator/durable.ts';
import type { Blobs } from '../../../compute/storage/open-storage.ts';
import { computeComplete } from '../../../compute/orchestrator/events/compute-complete.ts';

const hex = 'ab'.repeat(16);
const job = `job-${hex}`;
const subject = (path: string) => `/blobServices/default/containers/${path.replace('/', '/blobs/')}`;
const gridEvent = (path: string) => ({
  eventType: 'Microsoft.Storage.BlobCreated',
  subject: subject(path),
  data: { api: 'PutBlob' },
});
const cloudEvent = (path: string) => ({
  specversion: '1.0',
  type: 'Microsoft.Storage.BlobCreated',
  source: '/subscriptions/s',
  subject: subject(path),
});

const raisedBy = async (events: unknown[], fails = false) => {
  const raised: unknown[] = [];
  const raiseEvent = async (...event: unknown[]) => {
    raised.push(event);
    if (fails && raised.length === 1) throw new Error('not now');
    return false;
  };
  const client = { raiseEvent, status: async () => undefined } as unknown as DurableClient;
  await computeComplete({ blobs: {} as Blobs }).handle(events, client);
  return raised;
};

test('one event per batch and delivery, with each block once, in both schemas', async () => {
  const raised = await raisedBy([
    gridEvent(`output/${job}/000001.json`),
    cloudEvent(`output/${job}/000099.json`),
    gridEvent(`output/${job}/000001.json`),
    cloudEvent(`output/${job}/000100.json`),
    gridEvent(`output/${job}/012345.json`),
    gridEvent(`run/${job}/exit.json`),
    gridEvent(`control/${job}/granted`),
    gridEvent(`control/${job}/granted`),
  ]);
  const expected = [
    [`batch-${hex}-0000`, 'BlocksDone', { v: 1, blocks: [1, 99] }],
    [`batch-${hex}-0001`, 'BlocksDone', { v: 1, blocks: [100] }],
    [`batch-${hex}-0123`, 'BlocksDone', { v: 1, blocks: [12345] }],
    [job, 'Exited', { v: 1 }],
    [job, 'Granted', { v: 1 }],
  ];
  // In any order: they are raised at once.
  expect(raised).toHaveLength(expected.length);
  expect(raised).toEqual(expect.arrayContaining(expected));
});

test('other events are ignored, and nothing else is lost', async () => {
  const raised = await raisedBy([
    null,
    'text',
    {},
    { eventType: 'Microsoft.Storage.BlobDeleted', subject: subject(`output/${job}/000001.json`) },
    gridEvent(`output2/${job}/000001.json`),
    gridEvent(`output/${job}/1.json`),
    gridEvent(`output/other/000001.json`),
    gridEvent(`run/${job}/log`),
    gridEvent(`control/${job}/canceled`),
    { eventType: 'Microsoft.Storage.BlobCreated', subject: 7 },
    gridEvent(`output/${job}/000002.json`),
  ]);
  expect(raised).toEqual([[`batch-${hex}-0000`, 'BlocksDone', { v: 1, blocks: [2] }]]);
});

test('an error of one event does not prevent the others, and the delivery fails', async () => {
  const events = [gridEvent(`output/${job}/000001.json`), gridEvent(`output/${job}/000101.json`)];
  await expect(raisedBy(events, true)).rejects.toThrow('Could not raise every event');
});
