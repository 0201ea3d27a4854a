import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Launcher } from '../../../../compute/launcher/port.ts';
import { UsageRecord } from '../../../../compute/launcher/container-instances/usage-record.ts';
import type { Storage } from '../../../../compute/storage/open-storage.ts';
import { containerGroupsPath } from '../../../../contracts/blob-paths.ts';
import { parseJson } from '../../../../contracts/problem.ts';
import type { AzureOptions } from '../../../fixtures/azure/azure.ts';
import {
  openContainerInstances,
  startTestStorage,
  type ContainerInstancesFixture,
} from '../../../fixtures/container-instances.ts';

let account: { storage: Storage; close: () => Promise<void> };
let fixture: ContainerInstancesFixture;
beforeAll(async () => {
  account = await startTestStorage();
});
afterAll(() => account.close());
afterEach(() => fixture.close());

const open = async (options?: AzureOptions): Promise<void> => {
  fixture = await openContainerInstances(account.storage, options);
};

/** Launches new jobs, and returns how often each answer came. */
const launchMany = async (launchers: readonly Launcher[], count: number): Promise<Record<string, number>> => {
  const specs = await Promise.all(Array.from({ length: count }, () => fixture.createSpec()));
  const outcomes = await Promise.all(
    specs.flatMap((spec, index) => launchers[index % launchers.length]?.launch(spec) ?? []),
  );
  const answers = outcomes.map((outcome) => (outcome.kind === 'later' ? outcome.waitingFor : outcome.kind));
  return Object.fromEntries(
    [...new Set(answers)].map((answer) => [answer, answers.filter((one) => one === answer).length]),
  );
};

const readRecord = async () => {
  const text = (await account.storage.blobs.get(containerGroupsPath))?.toString() ?? '';
  const read = parseJson(UsageRecord, text);
  return read.ok ? { ...read.value, bytes: text.length } : undefined;
};

test('200 jobs at once in two processes use the quota exactly, and none fails', async () => {
  await open({ quotas: { groups: 40, callsPer5Minutes: 30 } });
  const settings = { COXSWAIN_ACI_MAX_GROUPS: '40', COXSWAIN_ACI_MAX_CALLS_5_MINUTES: '30' };
  const launchers = [fixture.createLauncher({ settings }), fixture.createLauncher({ settings })];
  expect(await launchMany(launchers, 200)).toEqual({
    launched: 30,
    'a new container group: the limit of 30 in 5 minutes is reached': 170,
  });
  expect(fixture.countRequests('PUT')).toBe(30);
  // A job that waits costs no call of Azure.
  expect(fixture.azure.requests).toHaveLength(60);
  fixture.advance(330);
  expect(await launchMany(launchers, 20)).toMatchObject({
    launched: 10,
    'a free container group: the limit of 40 is reached': 10,
  });
  // All that was asked for was granted.
  expect(fixture.azure.groups()).toHaveLength(40);
  expect(fixture.countRequests('PUT')).toBe(40);
  expect((await readRecord())?.bytes).toBeLessThan(8_000);
});

test('cores are counted, in tenths', async () => {
  await open();
  const launcher = fixture.createLauncher({
    settings: { COXSWAIN_ACI_MAX_CORES: '3', COXSWAIN_RUNNER_MAX_CPU: '2' },
  });
  const launch = async (cpu: number) => launcher.launch(await fixture.createSpec({ runner: { cpu } }));
  expect(await launch(1.1)).toEqual({ kind: 'launched' });
  expect(await launch(1.9)).toEqual({ kind: 'launched' });
  expect(await launch(1)).toEqual({ kind: 'later', waitingFor: 'free CPU cores: the limit of 3 is reached' });
});

test('the limit of an hour counts, too, and says how long to wait', async () => {
  await open();
  const settings = { COXSWAIN_ACI_MAX_CALLS_HOUR: '2' };
  const launcher = fixture.createLauncher({ settings });
  await launchMany([launcher], 2);
  fixture.advance(600);
  const outcome = await launcher.launch(await fixture.createSpec());
  expect(outcome).toEqual({
    kind: 'later',
    waitingFor: 'a new container group: the limit of 2 in an hour is reached',
    retryAfterSeconds: 3_020,
  });
  fixture.advance(3_020);
  expect(await launchMany([launcher], 1)).toEqual({ launched: 1 });
});

test('after a Retry-After, no process sends a create until then', async () => {
  await open();
  const [first, second] = [fixture.createLauncher(), fixture.createLauncher()];
  fixture.azure.addFault({ kind: 'throttled', retryAfterSeconds: 120 });
  await first.launch(await fixture.createSpec());
  const calls = fixture.azure.requests.length;
  fixture.advance(60);
  expect(await second.launch(await fixture.createSpec())).toEqual({
    kind: 'later',
    waitingFor: 'Azure to accept more container groups',
    retryAfterSeconds: 60,
  });
  expect(fixture.azure.requests).toHaveLength(calls);
  fixture.advance(60);
  expect(await launchMany([second], 1)).toEqual({ launched: 1 });
});

test('a launch that finds no room first deletes the groups of ended jobs, and forgets those that are gone', async () => {
  await open({ quotas: { groups: 3 } });
  const settings = { COXSWAIN_ACI_MAX_GROUPS: '3' };
  const launcher = fixture.createLauncher({ settings });
  const specs = [await fixture.createSpec(), await fixture.createSpec(), await fixture.createSpec()];
  for (const spec of specs) await launcher.launch(spec);
  fixture.advance(100);
  const [ended, vanished] = specs.map(({ job }) => job);
  fixture.azure.addFault({ kind: 'throttled', operation: 'delete', retryAfterSeconds: 5 });
  expect(ended && (await launcher.remove(ended))).toBe('later');
  if (vanished !== undefined) fixture.azure.vanish(vanished);
  fixture.advance(10);
  expect(await launchMany([launcher], 1)).toEqual({ launched: 1 });
  fixture.advance(10);
  expect(fixture.azure.groups().map(({ name }) => name)).not.toContain(ended);
  expect(await launchMany([launcher], 1)).toEqual({ launched: 1 });
  expect(fixture.azure.groups()).toHaveLength(3);
});

test('a launch that finds no room says so, also while Azure does not list the groups', async () => {
  await open();
  const launcher = fixture.createLauncher({ settings: { COXSWAIN_ACI_MAX_GROUPS: '1' } });
  await launchMany([launcher], 1);
  fixture.azure.addFault({ kind: 'server-error', operation: 'list' });
  fixture.advance(60);
  expect(await launchMany([launcher], 1)).toEqual({
    'a free container group: the limit of 1 is reached': 1,
  });
});

test('groups of others in the resource group count against the limit', async () => {
  await open();
  const other = fixture.createLauncher({ settings: { COXSWAIN_DEPLOYMENT: 'other' } });
  await launchMany([other], 2);
  await account.storage.blobs.delete([containerGroupsPath]);
  const launcher = fixture.createLauncher({ settings: { COXSWAIN_ACI_MAX_GROUPS: '3' } });
  await launcher.sweep?.(async () => 'live');
  const limit = 'a free container group: the limit of 3 is reached';
  expect(await launchMany([launcher], 2)).toEqual({ launched: 1, [limit]: 1 });
});

test('a record that is not valid is replaced, and the next sweep counts the groups again', async () => {
  await open();
  const launcher = fixture.createLauncher();
  await launchMany([launcher], 2);
  await account.storage.blobs.put(containerGroupsPath, '{"v":7}');
  await launcher.sweep?.(async () => 'live');
  expect(Object.keys((await readRecord())?.groups ?? {})).toHaveLength(2);
});
