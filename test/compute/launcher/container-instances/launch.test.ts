import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { LauncherUnavailableError, type LaunchOutcome } from '../../../../compute/launcher/port.ts';
import type { Blobs } from '../../../../compute/storage/port.ts';
import type { Storage } from '../../../../compute/storage/open-storage.ts';
import { containerGroupsPath } from '../../../../contracts/blob-paths.ts';
import type { Fault } from '../../../fixtures/azure/faults.ts';
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
beforeEach(async () => {
  fixture = await openContainerInstances(account.storage);
});
afterEach(() => fixture.close());

const findBody = (): Record<string, unknown> => {
  const put = fixture.azure.requests.find(({ method }) => method === 'PUT');
  return JSON.parse(put?.body ?? 'null') as Record<string, unknown>;
};

test('a task gets a container group with one identity, its tags, and its order as the only secret', async () => {
  const spec = await fixture.createSpec({ parameters: { VMName: 'web-1' } });
  expect(await fixture.createLauncher().launch(spec)).toEqual({ kind: 'launched' });
  const { identities, requests } = fixture.azure;
  // No poll follows the create.
  expect(requests.map(({ method }) => method)).toEqual(['GET', 'PUT']);
  const { links, ...rest } = spec;
  const resources = { cpu: 1, memoryInGB: 1.5 };
  expect(findBody()).toEqual({
    location: 'westeurope',
    tags: {
      'coxswain-deployment': 'coxswain',
      'coxswain-job': spec.job,
      'coxswain-created': '2026-12-01T00:00:00.000Z',
    },
    identity: { type: 'UserAssigned', userAssignedIdentities: { [identities.pull.resourceId]: {} } },
    properties: {
      containers: [
        {
          name: 'runner',
          properties: {
            image: 'example.azurecr.io/runner:1',
            environmentVariables: [
              { name: 'COXSWAIN_JOB', value: spec.job },
              { name: 'COXSWAIN_DEPLOYMENT', value: 'coxswain' },
              { name: 'AZURE_CLIENT_ID', value: identities.pull.clientId },
              { name: 'COXSWAIN_ORDER', secureValue: JSON.stringify({ ...rest, links }) },
            ],
            resources: { requests: resources, limits: resources },
          },
        },
      ],
      imageRegistryCredentials: [{ server: 'example.azurecr.io', identity: identities.pull.resourceId }],
      osType: 'Linux',
      sku: 'Standard',
      restartPolicy: 'Never',
    },
  });
});

test('a definition’s identity, size and subnet reach the group, and its script learns the identity', async () => {
  const { operator } = fixture.azure.identities;
  const subnet =
    '/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/tasks';
  const settings = {
    COXSWAIN_RUNNER_MAX_CPU: '4',
    COXSWAIN_RUNNER_MAX_MEMORY_GB: '8',
    COXSWAIN_ACI_SUBNET: subnet,
  };
  const spec = await fixture.createSpec({ runner: { cpu: 2.5, memoryGb: 4, identity: 'operator' } });
  expect(await fixture.createLauncher({ settings }).launch(spec)).toEqual({ kind: 'launched' });
  expect(findBody()).toMatchObject({
    identity: { userAssignedIdentities: { [operator.resourceId]: {} } },
    properties: {
      containers: [{ properties: { resources: { requests: { cpu: 2.5, memoryInGB: 4 } } } }],
      imageRegistryCredentials: [{ identity: operator.resourceId }],
      subnetIds: [{ id: subnet }],
    },
  });
  const [start] = await waitForStart();
  expect(JSON.parse(start?.variables['COXSWAIN_ORDER'] ?? '')).toEqual({
    job: spec.job,
    image: spec.image,
    parameters: {},
    secrets: [],
    timeoutSeconds: 60,
    sha256: null,
    links: spec.links,
    identity: { clientId: operator.clientId },
  });
});

/** Returns the starts of containers after the image was pulled. */
const waitForStart = async () => {
  fixture.advance(1);
  return fixture.containers.starts;
};

test('a large order is compressed, and one that is too large is refused without a call', async () => {
  const launcher = fixture.createLauncher();
  const large = await fixture.createSpec({ parameters: { text: 'web '.repeat(50_000) } });
  expect(await launcher.launch(large)).toEqual({ kind: 'launched' });
  const [start] = await waitForStart();
  const order = gunzipSync(Buffer.from(start?.variables['COXSWAIN_ORDER'] ?? '', 'base64')).toString();
  expect(JSON.parse(order)).toMatchObject({ job: large.job, parameters: large.parameters });
  const calls = fixture.azure.requests.length;
  const random = randomBytes(150_000).toString('base64');
  const refused = await launcher.launch(await fixture.createSpec({ parameters: { random } }));
  expect(refused).toEqual({
    kind: 'never',
    message: expect.stringContaining('too large for a container group'),
  });
  expect(fixture.azure.requests).toHaveLength(calls);
});

describe('a second launch never sends a second create', () => {
  test('while the group exists, in any state, from any process', async () => {
    const spec = await fixture.createSpec();
    for (const launcher of [fixture.createLauncher(), fixture.createLauncher()])
      expect(await launcher.launch(spec)).toEqual({ kind: 'launched' });
    fixture.advance(1);
    fixture.containers.end(spec.job);
    fixture.advance(1_000);
    expect(await fixture.createLauncher().launch(spec)).toEqual({ kind: 'launched' });
    expect(fixture.countRequests('PUT')).toBe(1);
    expect(fixture.containers.starts).toHaveLength(1);
  });

  test('if the record of usage was lost', async () => {
    const spec = await fixture.createSpec();
    await fixture.createLauncher().launch(spec);
    await account.storage.blobs.delete([containerGroupsPath]);
    expect(await fixture.createLauncher().launch(spec)).toEqual({ kind: 'launched' });
    expect(fixture.countRequests('PUT')).toBe(1);
  });

  test('if many attempts of several processes run at once', async () => {
    const spec = await fixture.createSpec();
    const launchers = [fixture.createLauncher(), fixture.createLauncher(), fixture.createLauncher()];
    const outcomes = await Promise.all([...launchers, ...launchers].map((launcher) => launcher.launch(spec)));
    const kinds = outcomes.map(({ kind }) => kind);
    expect(kinds).toContain('launched');
    expect(kinds).not.toContain('never');
    expect(fixture.countRequests('PUT')).toBe(1);
  });

  test('if writing its reservation took so long that another attempt can already have made one', async () => {
    const spec = await fixture.createSpec();
    const { blobs } = account.storage;
    const slow: Blobs = {
      ...blobs,
      putIf: async (...write) => {
        fixture.advance(20);
        return blobs.putIf(...write);
      },
    };
    await expect(fixture.createLauncher({ blobs: slow }).launch(spec)).rejects.toThrow('too slowly');
    expect(fixture.countRequests('PUT')).toBe(0);
    // The reservation was given back.
    expect(await fixture.createLauncher().launch(spec)).toEqual({ kind: 'launched' });
  });

  test('if an attempt that was too slow gives up while another one creates the group', async () => {
    const spec = await fixture.createSpec();
    const { blobs } = account.storage;
    const create = fixture.azure.hold({ method: 'PUT', phase: 'before' });
    const launches: Promise<LaunchOutcome>[] = [];
    const slow: Blobs = {
      ...blobs,
      putIf: async (...write) => {
        const isWritten = await blobs.putIf(...write);
        if (launches.length > 0) return isWritten;
        fixture.advance(61);
        launches.push(fixture.createLauncher().launch(spec));
        await create.reached;
        return isWritten;
      },
    };
    await expect(fixture.createLauncher({ blobs: slow }).launch(spec)).rejects.toThrow('too slowly');
    expect(await fixture.createLauncher().launch(spec)).toMatchObject({ kind: 'later' });
    create.release();
    expect(await Promise.all(launches)).toEqual([{ kind: 'launched' }]);
    expect(fixture.countRequests('PUT')).toBe(1);
  });

  test('while an earlier one may be under way, until it would have been noticed', async () => {
    const spec = await fixture.createSpec();
    fixture.azure.addFault({ kind: 'connection-reset' });
    await expect(fixture.createLauncher().launch(spec)).rejects.toThrow(LauncherUnavailableError);
    fixture.advance(20);
    expect(await fixture.createLauncher().launch(spec)).toEqual({
      kind: 'later',
      waitingFor: 'the result of an earlier attempt to create the container group',
      retryAfterSeconds: 40,
    });
    expect(fixture.countRequests('PUT')).toBe(1);
    fixture.advance(40);
    expect(await fixture.createLauncher().launch(spec)).toEqual({ kind: 'launched' });
    expect(fixture.countRequests('PUT')).toBe(2);
  });
});

describe('a create without a meaningful answer is looked up', () => {
  test.each([
    { fault: { kind: 'answer-lost' }, outcome: 'launched' },
    { fault: { kind: 'server-error', status: 500 }, outcome: 'unknown' },
    { fault: { kind: 'server-error', status: 503 }, outcome: 'unknown' },
  ] satisfies { fault: Fault; outcome: string }[])('$fault', async ({ fault, outcome }) => {
    const spec = await fixture.createSpec();
    fixture.azure.addFault(fault);
    const launch = fixture.createLauncher().launch(spec);
    if (outcome === 'launched') expect(await launch).toEqual({ kind: 'launched' });
    else
      await expect(launch).rejects.toThrow(
        'It is unknown whether the container group was created: Azure Resource Manager answered 5',
      );
    expect(fixture.azure.requests.map(({ method }) => method)).toEqual(['GET', 'PUT', 'GET']);
  });

  test('a launch whose look-up gets no answer sends no create, and the next one does so at once', async () => {
    const spec = await fixture.createSpec();
    fixture.azure.addFault({ kind: 'connection-reset', operation: 'get' });
    const launcher = fixture.createLauncher();
    await expect(launcher.launch(spec)).rejects.toThrow(LauncherUnavailableError);
    expect(fixture.countRequests('PUT')).toBe(0);
    expect(await launcher.launch(spec)).toEqual({ kind: 'launched' });
  });
});

describe('a refusal is launched later, and says what it waits for', () => {
  test.each<{ fault: Fault; outcome: LaunchOutcome }>([
    {
      fault: { kind: 'throttled', retryAfterSeconds: 17 },
      outcome: { kind: 'later', waitingFor: 'Azure to accept more requests', retryAfterSeconds: 17 },
    },
    {
      fault: { kind: 'quota-reached' },
      outcome: {
        kind: 'later',
        waitingFor: 'a free container group: the quota of the subscription in westeurope is reached',
      },
    },
    {
      fault: { kind: 'no-capacity' },
      outcome: {
        kind: 'later',
        waitingFor: 'capacity in westeurope for a container group with 1 CPU and 1.5 GB of memory',
      },
    },
    {
      fault: { kind: 'transitioning' },
      outcome: { kind: 'later', waitingFor: 'Azure to finish another operation on the container group' },
    },
  ])('$fault.kind', async ({ fault, outcome }) => {
    const spec = await fixture.createSpec();
    fixture.azure.addFault(fault);
    const launcher = fixture.createLauncher();
    expect(await launcher.launch(spec)).toEqual(outcome);
    fixture.advance(31);
    expect(await launcher.launch(spec)).toEqual({ kind: 'launched' });
    expect(fixture.countRequests('PUT')).toBe(2);
  });

  test('cores of the subscription', async () => {
    await fixture.close();
    fixture = await openContainerInstances(account.storage, { quotas: { cores: 1 } });
    const launcher = fixture.createLauncher();
    await launcher.launch(await fixture.createSpec());
    expect(await launcher.launch(await fixture.createSpec())).toEqual({
      kind: 'later',
      waitingFor: 'free CPU cores: the quota of the subscription in westeurope is reached',
    });
  });

  test('a group that is being deleted', async () => {
    const spec = await fixture.createSpec();
    const launcher = fixture.createLauncher();
    await launcher.launch(spec);
    await launcher.remove(spec.job);
    expect(await launcher.launch(spec)).toMatchObject({ kind: 'later' });
    expect(fixture.countRequests('PUT')).toBe(1);
  });
});

describe('a refusal that stays names the remedy', () => {
  test.each([
    [{ kind: 'forbidden' }, 'the role Container Instances Contributor on the resource group'],
    [
      { kind: 'linked-forbidden', identity: 'pull' },
      '/userAssignedIdentities/pull. Assign it the role Managed Identity Operator on that identity.',
    ],
    [
      { kind: 'inaccessible-image' },
      'Azure cannot access the image example.azurecr.io/runner:1. Check its name and tag, and that the identity',
    ],
    [{ kind: 'invalid', message: 'The CPU is invalid' }, '(InvalidRequestContent): The CPU is invalid.'],
    [
      { kind: 'forbidden', operation: 'get' },
      'the role Container Instances Contributor on the resource group',
    ],
  ] satisfies [Fault, string][])('%j', async (fault, message) => {
    const spec = await fixture.createSpec();
    fixture.azure.addFault(fault);
    const launcher = fixture.createLauncher();
    const never: LaunchOutcome = {
      kind: 'never',
      message: expect.stringContaining(message) as unknown as string,
    };
    expect(await launcher.launch(spec)).toEqual(never);
    // The reservation was given back.
    expect(await launcher.launch(spec)).toEqual({ kind: 'launched' });
  });

  test('an image, identity or size that the settings do not allow, without a call', async () => {
    const launcher = fixture.createLauncher({
      settings: { COXSWAIN_RUNNER_MAX_CPU: '8', COXSWAIN_ACI_MAX_CORES: '4' },
    });
    const refuse = async (overrides: object, message: string) =>
      expect(await launcher.launch(await fixture.createSpec(overrides))).toEqual({
        kind: 'never',
        message: expect.stringContaining(message),
      });
    await refuse({ image: 'docker.io/library/bash' }, 'COXSWAIN_IMAGE_PREFIXES');
    await refuse({ runner: { identity: 'admin' } }, 'COXSWAIN_RUNNER_IDENTITIES');
    await refuse({ runner: { cpu: 5 } }, 'COXSWAIN_ACI_MAX_CORES allows 4');
    expect(fixture.azure.requests).toEqual([]);
  });
});

test('a group of another deployment with the job’s name is neither used nor touched', async () => {
  const spec = await fixture.createSpec();
  await fixture.createLauncher({ settings: { COXSWAIN_DEPLOYMENT: 'other' } }).launch(spec);
  const launcher = fixture.createLauncher();
  await account.storage.blobs.delete([containerGroupsPath]);
  expect(await launcher.launch(spec)).toEqual({
    kind: 'never',
    message: expect.stringContaining('does not belong to this deployment'),
  });
  expect(await launcher.inspect(spec.job)).toEqual({ state: 'gone', message: null });
  expect(await launcher.remove(spec.job)).toBe('gone');
  expect(await launcher.readLog?.(spec.job)).toBeNull();
  await launcher.sweep?.(async () => 'unknown');
  expect(fixture.countRequests('PUT')).toBe(1);
  expect(fixture.countRequests('DELETE')).toBe(0);
});

test('a refusal is logged in Azure’s words, with the job', async () => {
  const spec = await fixture.createSpec();
  fixture.azure.addFault({ kind: 'transitioning' });
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  expect(await fixture.createLauncher({ log }).launch(spec)).toMatchObject({ kind: 'later' });
  const logged = lines.filter((line) => line.includes('Azure refused a container group'));
  expect(logged).toEqual([expect.stringContaining('ContainerGroupTransitioning')]);
  expect(logged).toEqual([expect.stringContaining(spec.job)]);
});

test('a missing token delays the launch: nothing was sent, and the job says what to set', async () => {
  const spec = await fixture.createSpec();
  const { credential } = fixture.azure;
  let isMissing = true;
  fixture.azure.credential = {
    getToken: async (...request) => {
      if (isMissing) throw new Error('no identity here');
      return credential.getToken(...request);
    },
  };
  const launcher = fixture.createLauncher();
  expect(await launcher.launch(spec)).toEqual({
    kind: 'later',
    waitingFor: expect.stringContaining('a token of the orchestrator’s managed identity'),
  });
  await expect(launcher.inspect(spec.job)).rejects.toThrow(
    'The orchestrator’s identity got no token for Azure Resource Manager (no identity here). Assign a managed identity',
  );
  expect(fixture.azure.requests).toEqual([]);
  isMissing = false;
  expect(await launcher.launch(spec)).toEqual({ kind: 'launched' });
});

test('no secret is in an outcome, an error or the log, even if Azure quotes the request', async () => {
  const secret = 'tr0ub4dor&3 is "quoted"';
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const launcher = fixture.createLauncher({ log });
  const said: string[] = [];
  const launch = async (fault: Fault): Promise<void> => {
    fixture.azure.addFault(fault);
    const spec = await fixture.createSpec({ parameters: { Password: secret }, secrets: ['Password'] });
    const outcome = await launcher.launch(spec).catch((error: unknown) => error);
    said.push(inspect(outcome, { depth: Infinity, showHidden: true }), JSON.stringify(outcome));
  };
  await launch({ kind: 'invalid', message: `The value ${JSON.stringify(secret)} is not valid` });
  await launch({ kind: 'invalid', message: `The value ${secret} is not valid` });
  await launch({ kind: 'connection-reset' });
  await launch({ kind: 'server-error' });
  await launch({ kind: 'answer-lost' });
  expect(said.join('\n')).toContain('[redacted] is not valid');
  const all = [...said, ...lines, JSON.stringify(fixture.azure.groups())].join('\n');
  for (const part of ['tr0ub4dor', 'sig=', 'Bearer']) expect(all).not.toContain(part);
  // The only place with secrets is the secure value.
  const withoutSecure = fixture.azure.requests.map(({ body }) =>
    body.replace(/"secureValue":"(?:[^"\\]|\\.)*"/g, ''),
  );
  for (const part of ['tr0ub4dor', 'sig=']) expect(withoutSecure.join('\n')).not.toContain(part);
});
