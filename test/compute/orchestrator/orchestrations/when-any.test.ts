import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDurableHost, type DurableHost } from '../../../../local/durable-host/durable-host.ts';
import type { Orchestration, Steps } from '../../../../compute/orchestrator/durable.ts';
import { isSettled, whenAny } from '../../../../compute/orchestrator/orchestrations/when-any.ts';
import { log, waitUntil } from '../../../fixtures/orchestrator/orchestrator-fixture.ts';

let folder: string;
let host: DurableHost;
const calls: string[] = [];

/** Waits for two activities and two events together, one after another, then for a third event alone. */
const racing: Orchestration = function* (context): Steps<string[]> {
  const { df } = context;
  const seen: string[] = [];
  const activities = [df.callActivity('Echo', 'a'), df.callActivity('Echo', 'b')];
  let event = df.waitForExternalEvent('Told');
  while (activities.some((activity) => !isSettled(activity)) || seen.length < 2) {
    yield* whenAny(context, [...activities.filter((activity) => !isSettled(activity)), event]);
    if (!isSettled(event)) continue;
    seen.push(String(event.result));
    event = df.waitForExternalEvent('Told');
  }
  yield df.callActivity('Echo', 'c');
  yield* whenAny(context, [event]);
  return [...seen, String(event.result)];
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'race-'));
});
afterEach(() => host.close());
afterAll(() => rm(folder, { recursive: true }));

test.each(['live', 'replay'] as const)(
  'a task can be passed to several calls, sessions: %s',
  async (sessions) => {
    calls.length = 0;
    const letThrough = Promise.withResolvers<void>();
    host = await openDurableHost({
      file: join(folder, `${sessions}.db`),
      registry: {
        orchestrations: { Racing: racing },
        activities: {
          Echo: async (text: string) => {
            calls.push(text);
            if (text !== 'a') await letThrough.promise;
            return text;
          },
        },
      },
      managementUris: () => ({}),
      sessions,
      log,
    });
    const { client } = host;
    await client.start('Racing', 'one', null);
    await waitUntil(() => calls.length === 2);
    await client.raiseEvent('one', 'Told', 1);
    await client.raiseEvent('one', 'Told', 2);
    letThrough.resolve();
    await waitUntil(() => calls.length === 3);
    // No call waits for it at the moment, and no old waiter must consume it.
    await client.raiseEvent('one', 'Told', 3);
    await waitUntil(async () => (await client.status('one'))?.runtimeStatus === 'Completed');
    expect((await client.status('one'))?.output).toEqual(['1', '2', '3']);
    expect(calls.toSorted()).toEqual(['a', 'b', 'c']);
  },
);
