import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { startChild, type Child } from '../../runtime/child-process.ts';
import { toWebhookPayload, BotFixture, waitUntil } from '../fixtures/bot-fixture.ts';

const entry = fileURLToPath(new URL('../../bot/main.ts', import.meta.url));

let bench: BotFixture;
const children: Child[] = [];
beforeEach(async () => {
  bench = await new BotFixture().open();
});
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.stop(5_000)));
  await bench.close();
});

/** Starts a bot of its own; where it listens. */
const start = async (name: string): Promise<{ child: Child; url: string }> => {
  const ready = Promise.withResolvers<{ port: number }>();
  const child = startChild({
    name,
    entry,
    environment: { LOG_LEVEL: 'fatal', COXSWAIN_INSTANCE: name, ...bench.environment() },
    onMessage: (message) => ready.resolve(message as { port: number }),
  });
  children.push(child);
  return { child, url: `http://127.0.0.1:${(await ready.promise).port}` };
};

test('two bots receive the same comments at once: one start and one reply each; one stops, the other continues', async () => {
  const first = await start('first');
  const second = await start('second');
  const deliverTo = (url: string, payload: unknown): Promise<Response> => {
    bench.url = url;
    return bench.deliver(payload);
  };
  const written = ['/compute 10', '/help', '/compute 20'].map((body) => bench.github.addComment(body));
  const deliveries = written.flatMap((comment) =>
    [first, second, first, second].map(({ url }) => deliverTo(url, toWebhookPayload(comment))),
  );
  const statuses = (await Promise.all(deliveries)).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([200]));
  for (const comment of written) await bench.waitForReply(comment);

  // Who led was the first: the other one brings the replies to their end.
  first.child.signal('SIGTERM');
  await first.child.ended;
  for (const id of bench.orchestrator.jobs.keys()) bench.orchestrator.updateJob(id, { state: 'completed' });
  for (const comment of [written[0], written[2]]) if (comment) await bench.waitForReply(comment, 'completed');
  expect(bench.orchestrator.starts).toBe(2);
  expect(written.map(({ id }) => bench.github.repliesTo(id).length)).toEqual([1, 1, 1]);
  await waitUntil('the reactions', () =>
    [written[0], written[2]].every(
      (comment) => comment && bench.github.reactionsTo(comment.id).includes('rocket'),
    ),
  );
});
