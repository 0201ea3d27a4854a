import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { OrchestrationContext, Task } from 'durable-functions';
import type { InstanceStatus } from '../../../compute/orchestrator/durable.ts';
import {
  openDurableHost,
  type DurableHost,
  type InvokeOrchestration,
  type OrchestrationTrigger,
} from '../../../local/durable-host/durable-host.ts';
import { createGate, silentLog, type SilentSteps, type TestSteps } from '../../fixtures/durable-host.ts';
import { invokeWithSdk } from '../../fixtures/hosted-app.ts';

/* What is special about the hosted mode: the app answers whenever it wants, with whatever it wants. */

let folder = '';
let host: DurableHost;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hosted-'));
});
afterEach(async () => {
  await host.close();
  await rm(folder, { recursive: true });
});

const open = async (main: InvokeOrchestration): Promise<void> => {
  host = await openDurableHost({
    file: join(folder, 'jobs.db'),
    registry: { orchestrations: { main }, activities: {} },
    sessions: 'hosted',
    log: silentLog,
    managementUris: () => ({}),
    graceMilliseconds: 50,
  });
};
const when = async (id: string, fits: (status: InstanceStatus) => boolean): Promise<InstanceStatus> => {
  for (;;) {
    const status = await host.client.status(id);
    if (status && fits(status)) return status;
    await sleep(2);
  }
};
const hasEnded = ({ runtimeStatus }: InstanceStatus) => /Completed|Failed|Terminated/.test(runtimeStatus);

/** Collects three events. */
const collect = invokeWithSdk(function* (context: OrchestrationContext): TestSteps {
  const seen: unknown[] = [];
  while (seen.length < 3) {
    const data: unknown = yield context.df.waitForExternalEvent('Go');
    seen.push(data);
  }
  return seen;
});

/** Opens a host whose app does not answer for the first time until the gate opens. */
const openWithSlowFirstAnswer = async () => {
  const gate = createGate();
  const first = createGate();
  let calls = 0;
  await open(async (trigger) => {
    calls += 1;
    first.open();
    if (calls === 1) await gate.opened;
    return collect(trigger);
  });
  return { gate, called: first.opened };
};

test('the app gets what the extension gives it', async () => {
  const triggers: OrchestrationTrigger[] = [];
  await open((trigger) => {
    triggers.push(structuredClone(trigger));
    return collect(trigger);
  });
  await host.client.start('main', 'one', { a: 1 });
  for (const n of [1, 2, 3]) {
    await when('one', ({ runtimeStatus }) => runtimeStatus === 'Running');
    await host.client.raiseEvent('one', 'Go', n);
  }
  await when('one', hasEnded);
  expect(triggers[0]).toMatchObject({
    input: { a: 1 },
    instanceId: 'one',
    isReplaying: false,
    parentInstanceId: null,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: 2,
    longRunningTimerIntervalDuration: '3.00:00:00',
    maximumShortTimerDuration: '6.00:00:00',
    defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
  });
  expect(triggers[0]?.history.map(({ EventType }) => EventType)).toEqual([12, 0]);
  const last = triggers.at(-1);
  expect(last?.isReplaying).toBe(true);
  expect(last?.history.filter(({ IsPlayed }) => !IsPlayed).map(({ EventType }) => EventType)).toContain(15);
  expect(last?.history.filter(({ EventType }) => EventType === 15)).toHaveLength(3);
});

test('an instance has one episode at a time, and no event is lost meanwhile', async () => {
  const gate = createGate();
  let [running, most] = [0, 0];
  await open(async (trigger) => {
    running += 1;
    most = Math.max(most, running);
    await gate.opened;
    running -= 1;
    return collect(trigger);
  });
  await host.client.start('main', 'one', null);
  for (const n of [1, 2, 3]) await host.client.raiseEvent('one', 'Go', n);
  gate.open();
  expect((await when('one', hasEnded)).output).toEqual([1, 2, 3]);
  expect(most).toBe(1);
});

test('an answer for an execution that has ended is dropped, and its successor runs', async () => {
  const { gate, called } = await openWithSlowFirstAnswer();
  await host.client.start('main', 'one', 'old');
  await called;
  await host.client.terminate('one', 'enough');
  await host.client.startOver('main', 'one', 'new');
  gate.open();
  await when('one', ({ runtimeStatus }) => runtimeStatus === 'Running');
  for (const n of [1, 2, 3]) await host.client.raiseEvent('one', 'Go', n);
  expect(await when('one', hasEnded)).toMatchObject({ input: 'new', output: [1, 2, 3] });
  expect((await host.client.history('one'))?.filter(({ EventType }) => EventType === 0)).toHaveLength(1);
});

test('an answer for an instance that was suspended meanwhile is dropped, and asked for again', async () => {
  const { gate, called } = await openWithSlowFirstAnswer();
  await host.client.start('main', 'one', null);
  await called;
  await host.client.suspend('one');
  gate.open();
  for (const n of [1, 2, 3]) await host.client.raiseEvent('one', 'Go', n);
  expect(await host.client.status('one')).toMatchObject({ runtimeStatus: 'Suspended' });
  await host.client.resume('one');
  expect((await when('one', hasEnded)).output).toEqual([1, 2, 3]);
});

test('closing abandons an app that does not answer; the episode runs again', async () => {
  const never = createGate();
  await open(async () => never.opened);
  await host.client.start('main', 'one', null);
  await sleep(5);
  await host.close();
  await open(collect);
  for (const n of [1, 2, 3]) await host.client.raiseEvent('one', 'Go', n);
  expect((await when('one', hasEnded)).output).toEqual([1, 2, 3]);
  never.open();
});

test.each([
  ['nothing', async () => null, 'did not answer with an orchestrator state'],
  ['another form', async () => ({ isDone: true, actions: [] }), 'actions'],
  ['an error', async () => Promise.reject(new Error('worker is away')), 'worker is away'],
  [
    'the error of an orchestration',
    invokeWithSdk(function* (): SilentSteps {
      yield undefined as unknown as Task;
    }),
    'programming constraint violation',
  ],
  [
    'what is not an error',
    // oxlint-disable-next-line require-yield
    invokeWithSdk(function* (): TestSteps {
      throw 'text';
    }),
    'without a message',
  ],
] as [string, InvokeOrchestration, string][])(
  '%s as the answer fails the instance',
  async (_, main, text) => {
    await open(main);
    await host.client.start('main', 'one', null);
    const { runtimeStatus, output } = await when('one', hasEnded);
    expect(runtimeStatus).toBe('Failed');
    expect(output).toContain("Orchestrator function 'main' failed: ");
    expect(output).toContain(text);
  },
);
