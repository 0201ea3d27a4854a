import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { toWebhookPayload, BotFixture } from '../fixtures/bot-fixture.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

let bench: BotFixture;
beforeEach(async () => {
  bench = await new BotFixture().open();
  await bench.start();
});
afterEach(() => bench.close());

const comments = 50;

/** Delivers webhooks, a hundred at a time, and tells how much memory is in use once they are answered, in MB. */
const afterWebhooks = async (payloads: readonly unknown[], count: number): Promise<number> => {
  for (let sent = 0; sent < count; sent += 100) {
    const some = Array.from({ length: 100 }, (_, n) => payloads[(sent + n) % comments]);
    await Promise.all(some.map(async (payload) => (await bench.deliver(payload)).arrayBuffer()));
  }
  // What the stand-ins remember is not the bot's.
  bench.github.calls.length = 0;
  bench.logged.length = 0;
  bench.orchestrator.gets.length = 0;
  collect();
  return process.memoryUsage().heapUsed / 1e6;
};

test('webhooks that come again leave nothing behind', async () => {
  const payloads = Array.from({ length: comments }, (_, n) =>
    toWebhookPayload(bench.github.addComment(`/compute ${n + 1}`)),
  );
  const before = await afterWebhooks(payloads, 300);
  const after = await afterWebhooks(payloads, 1_000);
  expect(bench.orchestrator.starts).toBe(comments);
  // A payload alone is some 20 kB: a thousand of them, kept, would be 20 MB. Jest's cold cache accounts for up to 6 MB.
  expect(after - before).toBeLessThan(10);
}, 600_000);
