import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startAzurite, type Azurite } from '../../../../local/azurite/azurite.ts';
import { openStorage, type Blobs } from '../../../../compute/storage/open-storage.ts';
import { createLogger } from '../../../../runtime/log.ts';
import { openContainerClient, type ContainerClient } from '../../../fixtures/azure/container-client.ts';
import { runProcess } from '../../../fixtures/azure/run-container.ts';
import {
  createRunSpec,
  isProcessAlive,
  readExitRecord,
  readLog,
  waitFor,
} from '../../../fixtures/run-specs.ts';

/* The stand-in for Azure with real processes: runners as containers, and a program that its environment configures. */

let azurite: Azurite;
let blobs: Blobs;
let container: ContainerClient;
beforeAll(async () => {
  const log = createLogger('test', 'silent');
  azurite = await startAzurite({ folder: undefined, blobPort: 0, queuePort: 0, log });
  const storage = openStorage(azurite.connectionString);
  await storage.prepare();
  ({ blobs } = storage);
});
afterAll(() => azurite.stop());
afterEach(() => container.azure.close());

/** Starts the runner of a script in a container group. */
const run = async (name: string, script: string) => {
  container = await openContainerClient({
    now: Date.now,
    runContainer: runProcess,
    timing: { accept: 0, pull: 0, delete: 0 },
  });
  const spec = await createRunSpec(blobs, script);
  await putOrder(name, JSON.stringify(spec));
  return spec;
};

const putOrder = (name: string, order: string): Promise<void> =>
  container.put(name, {
    containers: [
      {
        ...container.group.containers[0]!,
        environmentVariables: [{ name: 'COXSWAIN_ORDER', secureValue: order }],
      },
    ],
  });

const stateOf = async (name: string) => (await container.get(name)).containers[0]?.instanceView?.currentState;

describe('a container as a process', () => {
  test('runs a script, and ends with 0 whatever the script exits with', async () => {
    const spec = await run('job', '#!/bin/bash\necho hello\nexit 3');
    const record = await waitFor(() => readExitRecord(blobs, spec));
    expect(record).toMatchObject({ exitCode: 3 });
    expect(await readLog(blobs, spec)).toContain('hello');
    expect(await waitFor(async () => (await stateOf('job'))?.state === 'Terminated')).toBe(true);
    expect(await stateOf('job')).toMatchObject({ exitCode: 0 });
  });

  test('is killed with all its processes by a delete', async () => {
    const spec = await run('job', '#!/bin/bash\nsleep 600 &\necho "pids $$ $!"\nwait');
    const pids = await waitFor(async () => /pids (\d+) (\d+)/.exec((await readLog(blobs, spec)) ?? ''));
    await container.delete('job');
    expect(container.azure.groups()).toEqual([]);
    await waitFor(async () => !(await isProcessAlive(Number(pids[1]))));
    await waitFor(async () => !(await isProcessAlive(Number(pids[2]))));
    expect(await readExitRecord(blobs, spec)).toBeUndefined();
  });

  test('has a log of its own when its runner cannot even start', async () => {
    await run('job', '');
    await putOrder('broken', '{"no":"order"}');
    expect(await waitFor(async () => (await stateOf('broken'))?.state === 'Terminated')).toBe(true);
    expect(await stateOf('broken')).not.toMatchObject({ exitCode: 0 });
    const { client, resourceGroup } = container;
    const { content } = await client.containers.listLogs(resourceGroup, 'broken', 'runner');
    expect(content).toContain('The run spec is invalid');
  });
});

test('the environment configures a program that uses the SDK and a managed identity', async () => {
  container = await openContainerClient();
  await container.put('job');
  const folder = await mkdtemp(join(tmpdir(), 'program-'));
  const file = join(folder, 'program.mjs');
  const modules = (name: string) => import.meta.resolve(name);
  await writeFile(
    file,
    `import sdk from '${modules('@azure/arm-containerinstance')}';
     import { ManagedIdentityCredential } from '${modules('@azure/identity')}';
     const { COXSWAIN_ARM_URL: endpoint, COXSWAIN_ACI_SUBSCRIPTION: subscription, COXSWAIN_IDENTITY: clientId } = process.env;
     const { ContainerInstanceManagementClient } = sdk;
     const client = new ContainerInstanceManagementClient(new ManagedIdentityCredential({ clientId }), subscription, { endpoint });
     console.log((await client.containerGroups.get(process.env.COXSWAIN_ACI_RESOURCE_GROUP, 'job')).name);`,
  );
  const env = { PATH: process.env['PATH'], ...container.azure.environment };
  const { stdout } = await promisify(execFile)(process.execPath, [file], { env });
  expect(stdout.trim()).toBe('job');
  await rm(folder, { recursive: true });
});
