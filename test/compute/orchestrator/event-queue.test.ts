import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createJobId, toBatchId } from '../../../contracts/ids.ts';
import type { DurableClient } from '../../../compute/orchestrator/durable.ts';
import { StorageError } from '../../../compute/storage/open-storage.ts';
import { computeCompleteFromQueue } from '../../../compute/orchestrator/events/compute-complete.ts';
import { startFakeWorker } from '../../fakes/block-worker.ts';
import { openEventQueue, startQueueTrigger } from '../../fixtures/orchestrator/event-queue.ts';
import {
  log,
  openOrchestratorFixture,
  openTestOrchestrator,
  startComputeJob,
  waitUntil,
  type OrchestratorFixture,
} from '../../fixtures/orchestrator/orchestrator-fixture.ts';
import { sumBelow } from '../../fixtures/orchestrator/test-algorithms.ts';
import { encodings, toCloudEvent, toGridEvent } from '../../fixtures/storage-events.ts';

/* The queue `events` in real storage, and the app's function on it. */

let fixture: OrchestratorFixture;
let events: ReturnType<typeof openEventQueue>;
beforeAll(async () => {
  fixture = await openOrchestratorFixture();
  events = openEventQueue(fixture.connectionString);
});
beforeEach(async () => {
  await events.queue.clearMessages();
  await events.poison.clearMessages();
});
afterEach(() => fixture.stopAll());
afterAll(() => fixture.close());

/** An hour between polls: only events can end the job. */
const timing = { minBatchPoll: 3_600, maxBatchPoll: 3_600 };

const readPoison = async () =>
  (await fixture.storage.poisonEvents.receive(32, 30)).map(({ text }) => text).toSorted();

test.each(['live', 'replay', 'hosted'] as const)(
  'a batch of 100 blocks whose outputs come as 100 single events in all forms, sessions: %s',
  async (sessions) => {
    const platform = await openTestOrchestrator(fixture, { sessions, timing });
    startFakeWorker(fixture);
    const encode = Object.values(encodings);
    let sent = 0;
    events.sendCreated(fixture, (path) => {
      sent += 1;
      const event = (sent % 2 === 0 ? toGridEvent : toCloudEvent)(path);
      const json = JSON.stringify(sent % 3 === 0 ? [event] : event);
      return encode[sent % encode.length]?.(json) ?? '';
    });
    startQueueTrigger(fixture, platform);
    const id = await startComputeJob(platform, { inputCount: 100, blockSize: 1 });
    expect(await platform.ended(id)).toMatchObject({
      state: 'completed',
      progress: { done: 100, failed: 0, total: 100 },
      result: { sum: sumBelow(100) },
    });
    expect(sent).toBe(100);
    await waitUntil(async () => (await fixture.storage.events.length()) === 0);
    expect(await readPoison()).toEqual([]);
  },
);

test('messages that are not events delay no event, and are in the poison queue once', async () => {
  const platform = await openTestOrchestrator(fixture, { sessions: 'replay', timing });
  startFakeWorker(fixture);
  for (const text of ['hello', '{}', 'AAAA', '[7]']) await events.send(text);
  events.sendCreated(fixture, (path) =>
    path.endsWith('/000003.json')
      ? JSON.stringify([null, toGridEvent(path), { eventType: 'x' }, 'text'])
      : JSON.stringify(toGridEvent(path)),
  );
  startQueueTrigger(fixture, platform);
  const id = await startComputeJob(platform, { inputCount: 10, blockSize: 1 });
  expect(await platform.ended(id)).toMatchObject({ state: 'completed', result: { sum: sumBelow(10) } });
  await waitUntil(async () => (await fixture.storage.events.length()) === 0);
  expect(await readPoison()).toEqual(
    ['"text"', '7', 'AAAA', 'hello', 'null', '{"eventType":"x"}', '{}'].toSorted(),
  );
});

const job = createJobId();
const mixed = JSON.stringify([toGridEvent(`output/${job}/000001.json`), 7]);

/** Runs the function, with a client and a poison queue that fail as many times as given. */
const openFunction = (failures: { raise?: number; poison?: number }) => {
  let { raise = 0, poison = 0 } = failures;
  const raised: unknown[] = [];
  const lines: unknown[] = [];
  const client = {
    raiseEvent: async (...event: unknown[]) => {
      if (raise-- > 0) throw new Error('not now');
      raised.push(event);
      return true;
    },
    status: async () => undefined,
  } as unknown as DurableClient;
  const app = {
    queues: [
      computeCompleteFromQueue({
        blobs: fixture.storage.blobs,
        poison: {
          send: async (text) => {
            if (poison-- > 0) throw new StorageError('send to queue events-poison', 503, 'busy');
            await fixture.storage.poisonEvents.send(text);
          },
        },
        log: { ...log, warn: (line: unknown) => void lines.push(line) } as typeof log,
      }),
    ],
  };
  startQueueTrigger(fixture, { app, client } as never);
  return { raised, lines };
};
const isEmpty = async () => (await fixture.storage.events.length()) === 0;
const oneRaised = [toBatchId(job, 0), 'BlocksDone', { v: 1, blocks: [1] }];

test('if events cannot be raised, the message comes again, and nothing is moved before', async () => {
  const { raised, lines } = openFunction({ raise: 3 });
  await events.send(mixed);
  await waitUntil(isEmpty);
  expect(raised).toEqual([oneRaised]);
  expect(await readPoison()).toEqual(['7']);
  expect(lines).toEqual([{ queue: 'events-poison', count: 1 }]);
});

test('if the poison queue cannot be written, the message comes again, and its events are only repeated', async () => {
  const { raised, lines } = openFunction({ poison: 2 });
  await events.send(mixed);
  await waitUntil(isEmpty);
  expect(raised).toEqual([oneRaised, oneRaised, oneRaised]);
  expect(await readPoison()).toEqual(['7']);
  expect(lines).toHaveLength(1);
});

test('a message that fails again and again ends whole in the poison queue', async () => {
  const { raised, lines } = openFunction({ raise: Infinity });
  await events.send(mixed);
  await waitUntil(isEmpty);
  expect(raised).toEqual([]);
  expect(await readPoison()).toEqual([mixed]);
  expect(lines).toEqual([]);
});

test('a message that is too large for base64 is not lost', async () => {
  openFunction({});
  const large = 'x'.repeat(60_000);
  await events.send(large);
  await waitUntil(isEmpty);
  expect(await readPoison()).toEqual([large]);
});
