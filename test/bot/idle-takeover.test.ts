import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startAzurite, type Azurite } from '../../local/azurite/azurite.ts';
import { startChild, type Child } from '../../runtime/child-process.ts';
import { createLogger } from '../../runtime/log.ts';
import { BotFixture } from '../fixtures/bot-fixture.ts';

const entry = fileURLToPath(new URL('../../bot/main.ts', import.meta.url));

let azurite: Azurite;
let bench: BotFixture;
const children: Child[] = [];
beforeAll(async () => {
  azurite = await startAzurite({
    folder: undefined,
    blobPort: 0,
    queuePort: 0,
    log: createLogger('test', 'silent'),
  });
});
afterAll(() => azurite.stop());
beforeEach(async () => {
  bench = await new BotFixture().open();
});
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.stop(5_000)));
  await bench.close();
});

/** Starts a bot as a separate process, with leases in storage. While it is idle, it polls only because of a signal or a webhook. */
const start = async (name: string): Promise<{ child: Child; url: string }> => {
  const ready = Promise.withResolvers<{ port: number }>();
  const child = startChild({
    name,
    entry,
    environment: {
      LOG_LEVEL: 'fatal',
      COXSWAIN_INSTANCE: name,
      ...bench.environment(),
      LEASE_STORAGE: azurite.connectionString,
      TRACKER_IDLE_SECONDS: '3600',
    },
    onMessage: (message) => ready.resolve(message as { port: number }),
  });
  children.push(child);
  const { port } = await ready.promise;
  return { child, url: `http://127.0.0.1:${port}` };
};

/** Waits for a state. The test's timeout ends an endless wait. */
const waitFor = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await wait(50);
};

test('the standby of an idle leader that is killed answers a webhook, and follows its job to the end', async () => {
  const first = await start('first');
  // Only a leader lists jobs.
  await waitFor(() => bench.orchestrator.lists.length > 0);
  const second = await start('second');
  first.child.signal('SIGKILL');
  await first.child.ended;
  bench.url = second.url;
  const { comment, status } = await bench.postComment('/compute 10');
  expect(status).toBe(200);
  await bench.waitForReply(comment);
  for (const id of bench.orchestrator.jobs.keys()) bench.orchestrator.updateJob(id, { state: 'completed' });
  await waitFor(() => bench.github.reactionsTo(comment.id).includes('rocket'));
  expect(bench.github.repliesTo(comment.id).map(({ body }) => body.includes('completed'))).toEqual([true]);
  // Neither bot took the leases of its replicas at the orchestrator.
  expect([...bench.orchestrator.leases.keys()].filter((name) => /^(tracker|bot)\//.test(name))).toEqual([]);
}, 300_000);

test('an idle leader immediately follows a job that a standby starts, without waiting for its next poll', async () => {
  await start('first');
  // Two lists at its start, and two at its first check for signals. From then on, it is idle.
  await waitFor(() => bench.orchestrator.lists.length >= 4);
  const second = await start('second');
  bench.url = second.url;
  const { comment } = await bench.postComment('/compute 10');
  await bench.waitForReply(comment);
  for (const id of bench.orchestrator.jobs.keys()) bench.orchestrator.updateJob(id, { state: 'completed' });
  await waitFor(() => bench.github.reactionsTo(comment.id).includes('rocket'));
}, 300_000);
