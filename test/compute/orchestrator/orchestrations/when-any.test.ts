import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  openDurableHost,
  type DurableHost,
  type HostClient,
} from '../../../../local/durable-host/durable-host.ts';
import type { Orchestration, Steps } from '../../../../compute/orchestrator/durable.ts';
import { isSettled, whenAny } from '../../../../compute/orchestrator/orchestrations/when-any.ts';
import { toHostOptions, type HostMode } from '../../../fixtures/durable-host.ts';
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

/** Waits for an activity or an event, and after the event for the activity or a second event. */
const continuing: Orchestration = function* (context): Steps<string> {
  const { df } = context;
  const activity = df.callActivity('Echo', 'b');
  yield* whenAny(context, [activity, df.waitForExternalEvent('Told')]);
  df.setCustomStatus('told');
  yield* whenAny(context, [activity, df.waitForExternalEvent('Told')]);
  const last: string = yield df.callActivity('Echo', 'c');
  return `${String(activity.result)} ${last}`;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'race-'));
});
afterEach(() => host.close());
afterAll(() => rm(folder, { recursive: true }));

const modes = ['live', 'replay', 'hosted'] as const;

/** Opens a host whose activities wait for `letThrough`, except with the input `a`. */
const openHost = async (name: string, sessions: HostMode, letThrough: Promise<void>): Promise<HostClient> => {
  calls.length = 0;
  const Echo = async (text: string) => {
    calls.push(text);
    if (text !== 'a') await letThrough;
    return text;
  };
  const registry = { orchestrations: { Racing: racing, Continuing: continuing }, activities: { Echo } };
  host = await openDurableHost({
    file: join(folder, `${name}-${sessions}.db`),
    ...toHostOptions(registry, sessions),
    managementUris: () => ({}),
    log,
  });
  return host.client;
};

test.each(modes)('a task can be passed to several calls, sessions: %s', async (sessions) => {
  const letThrough = Promise.withResolvers<void>();
  const client = await openHost('racing', sessions, letThrough.promise);
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
});

test.each(modes)('a task of an earlier call ends a later one, sessions: %s', async (sessions) => {
  const letThrough = Promise.withResolvers<void>();
  const client = await openHost('continuing', sessions, letThrough.promise);
  await client.start('Continuing', 'one', null);
  await client.raiseEvent('one', 'Told', 1);
  await waitUntil(async () => (await client.status('one'))?.customStatus === 'told');
  letThrough.resolve();
  await waitUntil(async () => (await client.status('one'))?.runtimeStatus === 'Completed');
  expect((await client.status('one'))?.output).toBe('b c');
});
