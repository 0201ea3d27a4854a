import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openContainerClient, type ContainerClient } from '../../../fixtures/azure/container-client.ts';
import { waitUntil } from '../../../fixtures/wait-until.ts';

/* The stand-in for Azure, called with the real SDK, behaves as Container Instances is documented to. */

const timing = { accept: 5, pull: 10, delete: 20 };
let container: ContainerClient;
beforeEach(async () => {
  container = await openContainerClient({ timing, pageSize: 2 });
});
afterEach(() => container.azure.close());

const stateOf = (name: string): string | undefined =>
  container.azure.groups().find((group) => group.name === name)?.state;

/** Returns the requests for groups: not those that follow an operation. */
const groupRequests = (method: string) =>
  container.azure.requests.filter((one) => one.method === method && one.path.includes('/containerGroups'));

/** Returns the instance view of a group's only container. */
const viewOf = async (name: string) => (await container.get(name)).containers[0]?.instanceView;

const run = async (name: string): Promise<void> => {
  await container.put(name);
  container.advance(timing.accept + timing.pull);
};

describe('a container group', () => {
  test('has no instanceView at first, then runs, and ends', async () => {
    const { put, get, advance, runs } = container;
    await put('job');
    const created = await get('job');
    expect(created).toMatchObject({
      name: 'job',
      provisioningState: 'Pending',
      tags: { 'coxswain-job': 'job' },
    });
    expect(created).not.toHaveProperty('instanceView');
    expect(created.containers[0]).not.toHaveProperty('instanceView');
    advance(timing.accept);
    expect(await get('job')).toMatchObject({
      provisioningState: 'Creating',
      instanceView: { state: 'Pending' },
      containers: [{ instanceView: { currentState: { state: 'Waiting' }, events: [{ name: 'Pulling' }] } }],
    });
    advance(timing.pull);
    expect(await get('job')).toMatchObject({
      provisioningState: 'Succeeded',
      instanceView: { state: 'Running' },
      containers: [{ instanceView: { currentState: { state: 'Running' }, restartCount: 0 } }],
    });
    expect(runs.map(({ variables }) => variables)).toEqual([
      expect.objectContaining({ PLAIN: 'a plain value', SECRET: 'a secure value' }),
    ]);
    runs[0]?.end(3);
    await waitUntil('the end', () => stateOf('job') === 'ended');
    expect(await get('job')).toMatchObject({
      instanceView: { state: 'Failed' },
      containers: [{ instanceView: { currentState: { state: 'Terminated', exitCode: 3 } } }],
    });
  });

  test('is created in an operation that its creator can follow', async () => {
    const { client, group, resourceGroup, advance } = container;
    const poller = await client.containerGroups.beginCreateOrUpdate(resourceGroup, 'job', group, {
      updateIntervalInMs: 1,
    });
    advance(timing.accept);
    await poller.poll();
    expect(poller.isDone()).toBe(false);
    advance(timing.pull);
    expect(await poller.pollUntilDone()).toMatchObject({ name: 'job', provisioningState: 'Succeeded' });
  });

  test('restarts its container if a second PUT names it', async () => {
    const { put, advance, runs } = container;
    await run('job');
    await put('job');
    expect(runs.map(({ isKilled }) => isKilled)).toEqual([true]);
    advance(timing.accept + timing.pull);
    expect(runs.map(({ isKilled }) => isKilled)).toEqual([true, false]);
    expect(groupRequests('PUT').map(({ status }) => status)).toEqual([201, 200]);
  });

  test('is deleted after its container was killed, and cannot be created meanwhile', async () => {
    const { put, get, advance, runs } = container;
    await run('job');
    await container.delete('job');
    expect(runs[0]?.isKilled).toBe(true);
    expect(await get('job')).toMatchObject({ provisioningState: 'Deleting' });
    await expect(put('job')).rejects.toMatchObject({ statusCode: 409, code: 'ContainerGroupTransitioning' });
    advance(timing.delete);
    await expect(get('job')).rejects.toMatchObject({ statusCode: 404, code: 'ResourceNotFound' });
    await container.delete('job');
    await put('job');
    expect(groupRequests('DELETE').map(({ status }) => status)).toEqual([202, 204]);
  });

  test('is listed in pages, without an instanceView', async () => {
    const { client, resourceGroup } = container;
    for (const name of ['a', 'b', 'c', 'd', 'e']) await run(name);
    const listed = [];
    for await (const group of client.containerGroups.listByResourceGroup(resourceGroup)) listed.push(group);
    expect(listed.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(listed.filter(({ instanceView }) => instanceView)).toEqual([]);
    expect(groupRequests('GET')).toHaveLength(3);
  });

  test('has a log, of which the end can be read', async () => {
    const { client, resourceGroup, put, advance } = container;
    const read = async (tail?: number) =>
      (await client.containers.listLogs(resourceGroup, 'job', 'runner', tail === undefined ? {} : { tail }))
        .content;
    await put('job');
    expect(await read()).toBeUndefined();
    advance(timing.accept + timing.pull);
    expect(await read()).toBe('job\ntwo\nthree\n');
    expect(await read(2)).toBe('two\nthree\n');
    await expect(client.containers.listLogs(resourceGroup, 'job', 'other')).rejects.toMatchObject({
      statusCode: 404,
    });
  });

  test('shows a secure value in no answer', async () => {
    await run('job');
    await container.get('job');
    await container.put('job');
    const { requests } = container.azure;
    expect(requests[0]?.body).toContain('a secure value');
    expect(requests[0]?.answer).toContain('a plain value');
    expect(requests.map(({ answer }) => answer).join('\n')).not.toContain('a secure value');
  });
});

describe('what happens to a group by itself', () => {
  test('its container restarts in the middle of its run', async () => {
    const { azure, advance, runs } = container;
    azure.addFault({ kind: 'restart', afterSeconds: 30 });
    await run('job');
    advance(30);
    await waitUntil('the second run', () => runs.length === 2);
    expect(runs.map(({ isKilled }) => isKilled)).toEqual([true, false]);
    expect(await viewOf('job')).toMatchObject({
      restartCount: 1,
      currentState: { state: 'Running' },
      previousState: { state: 'Terminated', exitCode: 137 },
    });
    azure.restart('job');
    await waitUntil('the third run', () => runs.length === 3);
    expect(await viewOf('job')).toMatchObject({ restartCount: 2 });
  });

  test('it vanishes', async () => {
    const { azure, advance, runs } = container;
    azure.addFault({ kind: 'vanish', afterSeconds: 60, group: 'job' });
    await run('other');
    await run('job');
    advance(60);
    expect(azure.groups().map(({ name }) => name)).toEqual(['other']);
    azure.vanish('other');
    expect(azure.groups()).toEqual([]);
    expect(runs.map(({ isKilled }) => isKilled)).toEqual([true, true]);
  });

  test('its image is pulled slowly', async () => {
    const { azure, advance, runs } = container;
    azure.addFault({ kind: 'slow-pull', seconds: 600 });
    await run('job');
    expect(await viewOf('job')).toMatchObject({ currentState: { state: 'Waiting' } });
    advance(600);
    expect(runs).toHaveLength(1);
  });

  test('its image cannot be pulled, which it retries for minutes', async () => {
    const { azure, advance, runs } = container;
    azure.addFault({ kind: 'pull-failure', afterSeconds: 600 });
    await run('job');
    expect(await container.get('job')).toMatchObject({
      provisioningState: 'Creating',
      instanceView: { state: 'Pending' },
    });
    advance(90);
    expect(await viewOf('job')).toMatchObject({
      events: [{ name: 'Pulling' }, { name: 'Failed', type: 'Warning', count: 4 }],
    });
    advance(600);
    expect(await container.get('job')).toMatchObject({
      provisioningState: 'Failed',
      instanceView: { state: 'Failed' },
    });
    expect(runs).toEqual([]);
  });

  test('its identity is available only after a while', async () => {
    const { azure, advance, runs } = container;
    azure.addFault({ kind: 'late-identity', seconds: 20 });
    await run('job');
    const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: header = '' } = runs[0]?.variables ?? {};
    const ask = async () => {
      const url = `${endpoint}?api-version=2019-08-01&resource=https://management.azure.com/`;
      return (await fetch(url, { headers: { 'x-identity-header': header } })).status;
    };
    expect(await ask()).toBe(500);
    advance(20);
    expect(await ask()).toBe(200);
  });
});
