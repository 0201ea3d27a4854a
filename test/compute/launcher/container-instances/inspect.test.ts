import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { describeGroup } from '../../../../compute/launcher/container-instances/describe-group.ts';
import type { Launcher, RunSpec } from '../../../../compute/launcher/port.ts';
import type { Storage } from '../../../../compute/storage/open-storage.ts';
import { createJobId } from '../../../../contracts/ids.ts';
import {
  openContainerInstances,
  startTestStorage,
  type ContainerInstancesFixture,
} from '../../../fixtures/container-instances.ts';

let account: { storage: Storage; close: () => Promise<void> };
let fixture: ContainerInstancesFixture;
let launcher: Launcher;
let spec: RunSpec;
beforeAll(async () => {
  account = await startTestStorage();
});
afterAll(() => account.close());
beforeEach(async () => {
  fixture = await openContainerInstances(account.storage, { timing: { accept: 5, pull: 20 } });
  launcher = fixture.createLauncher();
  spec = await fixture.createSpec();
});
afterEach(() => fixture.close());

test('a runner is pending while its group is created and its image is pulled, then running, then ended', async () => {
  await launcher.launch(spec);
  expect(await launcher.inspect(spec.job)).toEqual({ state: 'pending', message: null });
  fixture.advance(6);
  expect(await launcher.inspect(spec.job)).toEqual({
    state: 'pending',
    message: 'Azure is still pulling the image example.azurecr.io/runner:1.',
  });
  fixture.advance(20);
  expect(await launcher.inspect(spec.job)).toEqual({ state: 'running', message: null });
  fixture.containers.end(spec.job);
  await launcher.inspect(spec.job);
  expect(await launcher.inspect(spec.job)).toEqual({ state: 'ended', message: null });
  expect(await launcher.inspect(createJobId())).toEqual({ state: 'gone', message: null });
});

test('a failing pull says so while it is retried, and at its end', async () => {
  fixture.azure.addFault({ kind: 'pull-failure', afterSeconds: 300 });
  await launcher.launch(spec);
  const message = expect.stringMatching(
    /^Azure cannot pull the image example\.azurecr\.io\/runner:1: .*manifest unknown\. Check the image’s name and tag, and that the identity \S+\/pull has the role AcrPull on example\.azurecr\.io\.$/,
  );
  fixture.advance(10);
  expect(await launcher.inspect(spec.job)).toEqual({ state: 'pending', message });
  fixture.advance(300);
  expect(await launcher.inspect(spec.job)).toEqual({ state: 'ended', message });
});

test('a failed container reports its exit code, and restarts', async () => {
  await launcher.launch(spec);
  fixture.advance(30);
  fixture.azure.restart(spec.job);
  await launcher.inspect(spec.job);
  expect(await launcher.inspect(spec.job)).toEqual({
    state: 'running',
    message: 'Azure restarted the container once.',
  });
  fixture.containers.end(spec.job, 3);
  await launcher.inspect(spec.job);
  expect(await launcher.inspect(spec.job)).toEqual({
    state: 'ended',
    message: 'Azure restarted the container once. The runner’s container exited with code 3 (Error).',
  });
});

test('the container’s own log is read, at most 4 KiB of it', async () => {
  await launcher.launch(spec);
  expect(await launcher.readLog?.(spec.job)).toBeNull();
  fixture.advance(30);
  expect(await launcher.readLog?.(spec.job)).toBe(`the output of ${spec.job}\n`);
  expect(await launcher.readLog?.(createJobId())).toBeNull();
});

describe('what Azure reports becomes a sentence with a remedy', () => {
  const identity = { type: 'UserAssigned', userAssignedIdentities: { '/identities/pull': {} } } as const;
  const resources = { requests: { cpu: 1, memoryInGB: 1.5 } };
  const event = (name: string, message: string) => ({ name, message, type: 'Warning' });
  const describeEvent = (name: string, message: string, others: object = {}) =>
    describeGroup({
      location: 'westeurope',
      provisioningState: 'Failed',
      osType: 'Linux',
      identity,
      containers: [{ name: 'runner', image: 'acme.azurecr.io/runner:1', resources }],
      instanceView: { state: 'Failed', events: [event(name, message)] },
      ...others,
    });

  test.each([
    [
      'InsufficientCapacity.',
      "The requested resource is not available in the location 'westeurope' at this moment.",
      'Azure has no capacity for the container group in westeurope',
    ],
    ['FailedIdentity', 'Managed identity was not found', 'Check that the identity /identities/pull exists.'],
    ['Failed', 'ErrImagePull: unauthorized', 'Azure cannot pull the image acme.azurecr.io/runner:1'],
    [
      'Failed',
      'Failed to pull image "identity-capacity:1"',
      'Azure cannot pull the image acme.azurecr.io/runner:1',
    ],
    ['Failed', 'Something else broke.', 'The container group does not start: Something else broke.'],
  ])('%s: %s', (name, message, sentence) => {
    expect(describeEvent(name, message)).toEqual({
      state: 'ended',
      message: expect.stringContaining(sentence),
    });
  });

  test('a pull in a subnet, which needs a NAT gateway', () => {
    const { message } = describeEvent('Failed', 'image pull: i/o timeout', { subnetIds: [{ id: 'subnet' }] });
    expect(message).toContain('The subnet needs a NAT gateway.');
  });

  test('nothing at all', () => {
    expect(describeEvent('', '', { instanceView: { state: 'Stopped', events: [] } })).toEqual({
      state: 'ended',
      message: 'The container group ended without running the runner, and Azure does not say why.',
    });
  });
});
