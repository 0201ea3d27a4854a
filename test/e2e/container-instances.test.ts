import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { openStorage } from '../../compute/storage/open-storage.ts';
import { startAzure, type AzureStandIn } from '../fixtures/azure/azure.ts';
import {
  startTestPlatform,
  waitForRemovedGroups,
  waitUntil,
  type LocalPlatform,
} from '../fixtures/local-platform.ts';
import { createThreadClient, type ThreadClient } from '../fixtures/thread-client.ts';

/* Tasks run in container groups on a stand-in for Azure, for which the environment of the platform configures the orchestrator. */

let azure: AzureStandIn;
let platform: LocalPlatform;
let threadClient: ThreadClient;
beforeAll(async () => {
  azure = await startAzure();
  platform = await startTestPlatform(() => azure.environment);
  threadClient = createThreadClient(platform);
  const { blobs } = openStorage((await platform.file()).storage.connectionString);
  const scripts = {
    Fails: 'echo before the failure; exit 3',
    Hangs: 'echo it has started; sleep 600',
  };
  for (const [taskName, script] of Object.entries(scripts)) {
    const scriptName = `${taskName}.sh`;
    const definition = {
      taskName,
      dockerImage: 'runner:1',
      scriptName,
      scriptParameters: [],
      timeoutSeconds: 3,
    };
    await blobs.put(`tasks/${scriptName}`, `#!/bin/sh\n${script}\n`);
    await blobs.put(`tasks/${taskName}.json`, JSON.stringify(definition));
  }
});
afterAll(async () => {
  await platform.remove();
  await azure.close();
});

let firstRequest: number;
beforeEach(() => {
  firstRequest = azure.requests.length;
});

/** Returns the statuses of the PUTs in this test. */
const listPuts = (): (number | null)[] =>
  azure.requests.slice(firstRequest).flatMap(({ method, status }) => (method === 'PUT' ? [status] : []));

/** Waits until no group is left. */
const waitForNoGroup = async (): Promise<void> => {
  await waitForRemovedGroups(azure);
  expect(azure.groups()).toEqual([]);
};

test('a task succeeds in a container group of its own, with files and a log', async () => {
  const { jobs, reply } = await platform.say('/run Report days=5');
  expect(jobs).toMatchObject([{ state: 'completed' }]);
  expect(reply?.body).toContain('visits.csv');
  const job = await (await platform.jobs()).get(jobs[0]?.id ?? '');
  expect(job?.files?.delivered.map(({ name }) => name)).toEqual(['summary.md', 'visits.csv', 'visits.png']);
  expect(await (await fetch(job?.links?.log?.url ?? '')).text()).toBe('Made up 5 days.\n');
  expect(listPuts()).toEqual([201]);
  await waitForNoGroup();
});

test('a script that fails', async () => {
  const { jobs, reply } = await platform.say('/run Fails');
  expect(jobs).toMatchObject([{ state: 'failed', reason: 'script-failed', result: { exitCode: 3 } }]);
  expect(reply?.body).toContain('before the failure');
  await waitForNoGroup();
});

test('a script that exceeds its timeout', async () => {
  const { jobs } = await platform.say('/run Hangs');
  expect(jobs).toMatchObject([{ state: 'timed-out', reason: 'deadline' }]);
  await waitForNoGroup();
});

test('a task that is canceled', async () => {
  const comment = await threadClient.write('octavia', '/run Countdown seconds=300');
  const running = await waitUntil('the start of the script', async () => {
    const [job] = await threadClient.listJobs(comment);
    return azure.groups().some(({ name, state }) => name === job?.id && state === 'running') && job;
  });
  await threadClient.write('octavia', `/cancel ${running.id}`);
  expect(await threadClient.waitForJob(comment, 'canceled')).toMatchObject({ reason: 'canceled-by-user' });
  await waitForNoGroup();
});

test('a task that waits for a quota, says so in its reply, and succeeds', async () => {
  azure.addFault({ kind: 'quota-reached' });
  const comment = await threadClient.write('octavia', '/run Hello who=you');
  await threadClient.waitForReply(comment, /waiting for a free container group/i);
  await threadClient.waitForJob(comment, 'completed');
  await threadClient.waitForReply(comment, /completed/);
  expect(listPuts()).toEqual([409, 201]);
  await waitForNoGroup();
});

test.each([
  ['forbidden', 'role Container Instances Contributor on the resource group'],
  ['linked-forbidden', 'Managed Identity Operator'],
] as const)('a task whose launcher lacks a right ends as launch-failed: %s', async (kind, right) => {
  azure.addFault(kind === 'forbidden' ? { kind } : { kind, identity: azure.identities.pull.resourceId });
  const { jobs, reply } = await platform.say('/run Hello who=you');
  expect(jobs).toMatchObject([{ state: 'failed', reason: 'launch-failed' }]);
  expect(reply?.body).toContain(right);
  expect(listPuts()).toEqual([403]);
  await waitForNoGroup();
});

test('a group outlives the platform that is killed, which then reports how its task ends', async () => {
  const comment = await threadClient.write('octavia', '/run Countdown seconds=20');
  await waitUntil('the container', async () => azure.groups().some(({ state }) => state === 'running'));
  await platform.killPlatform();
  expect(azure.groups()).toMatchObject([{ state: 'running' }]);
  await platform.start();
  await threadClient.waitForJob(comment, 'completed');
  expect(listPuts()).toEqual([201]);
  await waitForNoGroup();
}, 240_000);
