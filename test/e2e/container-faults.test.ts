import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as v from 'valibot';
import type { Comment } from '../../cli/thread/github-client.ts';
import { openStorage } from '../../compute/storage/open-storage.ts';
import { startAzure, type AzureStandIn } from '../fixtures/azure/azure.ts';
import { startTestPlatform, waitUntil, type LocalPlatform } from '../fixtures/local-platform.ts';
import { createThreadClient, type ThreadClient } from '../fixtures/thread-client.ts';

/* What happens to a container group by itself, with real runners as containers; and where secrets are. */

const plantedSecret = 'correct horse battery staple';

let azure: AzureStandIn;
let platform: LocalPlatform;
let thread: ThreadClient;
beforeAll(async () => {
  azure = await startAzure();
  platform = await startTestPlatform(() => ({ ...azure.environment, LOG_LEVEL: 'debug' }));
  thread = createThreadClient(platform);
  const { blobs } = openStorage((await platform.file()).storage.connectionString);
  for (const [taskName, { script, ...definition }] of Object.entries(tasks)) {
    const scriptName = `${taskName}.sh`;
    await blobs.put(`tasks/${scriptName}`, `#!/bin/sh\nset -eu\n${script}\n`);
    await blobs.put(
      `tasks/${taskName}.json`,
      JSON.stringify({ taskName, dockerImage: 'runner:1', scriptName, ...definition }),
    );
  }
});
afterAll(async () => {
  await platform.remove();
  await azure.close();
});

type Task = { script: string } & Record<string, unknown>;

/** Asks for a token as the Azure CLI does, and prints whether it got one. */
const askForToken = `node -e '
  const { IDENTITY_ENDPOINT, IDENTITY_HEADER, AZURE_CLIENT_ID } = process.env;
  const query = "api-version=2019-08-01&resource=https%3A%2F%2Fmanagement.azure.com%2F&client_id=" + AZURE_CLIENT_ID;
  fetch(IDENTITY_ENDPOINT + "?" + query, { headers: { "x-identity-header": IDENTITY_HEADER } })
    .then((answer) => answer.json())
    .then((answer) => console.log("token for", answer.client_id));
'`;

const tasks: Record<string, Task> = {
  Slow: { script: 'echo it has started; sleep 60; echo it has ended' },
  Stop: { script: askForToken, runner: { identity: 'operator' } },
  Secret: {
    script: 'echo "the token is $token"; while :; do sleep 1; done',
    scriptParameters: [{ parameterName: 'token', secret: true, required: true }],
  },
};

/** Waits until the log of a comment's job shows a text. Returns the id of the job. */
const waitForLine = async (comment: Comment, text: string): Promise<string> => {
  const jobs = await platform.jobs();
  const id = await waitUntil('the job', async () => (await thread.listJobs(comment))[0]?.id);
  await waitUntil('the script', async () => (await jobs.get(id))?.lastLines?.includes(text));
  return id;
};

test.each(['restart', 'vanish'] as const)(
  'a container group that meets a %s in the middle of its script: the script runs once, and the job is lost',
  async (event) => {
    const first = azure.requests.length;
    const comment = await thread.write('octavia', '/run Slow');
    const id = await waitForLine(comment, 'it has started');
    azure[event](id);
    expect(await thread.waitForJob(comment, 'failed')).toMatchObject({ reason: 'runner-lost' });
    const reply = await thread.waitForReply(comment, /failed/);
    expect(reply).toContain('after the script had started');
    if (event === 'restart') expect(reply).toContain('Azure restarted the container once.');
    const link = (await (await platform.jobs()).get(id))?.links?.log?.url ?? '';
    const log = await (await fetch(link)).text();
    expect(log.match(/it has started/g)).toHaveLength(1);
    expect(azure.requests.slice(first).filter(({ method }) => method === 'PUT')).toHaveLength(1);
  },
  240_000,
);

test('an identity that arrives 20 s late: the script waits for it, and completes', async () => {
  azure.addFault({ kind: 'late-identity', seconds: 20 });
  const { jobs, reply } = await platform.say('/run Stop');
  expect(jobs).toMatchObject([{ state: 'completed' }]);
  expect(reply?.body).toContain(`token for ${azure.identities.operator.clientId}`);
}, 240_000);

test('a pull that is repeated and then fails: the job ends as launch-failed, and names the image', async () => {
  azure.addFault({ kind: 'pull-failure', afterSeconds: 5 });
  const { jobs, reply } = await platform.say('/run Slow');
  expect(jobs).toMatchObject([{ state: 'failed', reason: 'launch-failed' }]);
  expect(reply?.body).toContain('example.azurecr.io/runner:1');
  expect(reply?.body).toContain('AcrPull');
}, 240_000);

/** Returns what other processes can read of all processes of this machine: environment and arguments, by the process. */
const listProcesses = (): { pid: string; argv: string; environment: string }[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .map((pid) => ({ pid, argv: readOf(pid, 'cmdline'), environment: readOf(pid, 'environ') }));

const readOf = (pid: string, file: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    // It has ended, or belongs to another user.
    return '';
  }
};

const Body = v.object({
  properties: v.object({
    containers: v.array(
      v.object({
        properties: v.object({
          environmentVariables: v.array(
            v.looseObject({ name: v.string(), secureValue: v.optional(v.string()) }),
          ),
        }),
      }),
    ),
  }),
});

/** Returns the secure values of the body of a PUT, and the body without them. */
const splitBody = (text: string): { secure: string[]; rest: string } => {
  const body = v.parse(Body, JSON.parse(text));
  const variables = body.properties.containers.flatMap(({ properties }) => properties.environmentVariables);
  const secure = variables.flatMap(({ secureValue }) => secureValue ?? []);
  return { secure, rest: secure.reduce((rest, value) => rest.replaceAll(JSON.stringify(value), ''), text) };
};

test('a secret parameter, the signatures of links and the tokens are only where they are needed', async () => {
  const first = azure.requests.length;
  const comment = await thread.write('octavia', `/run Secret token="${plantedSecret}"`);
  const jobs = await platform.jobs();
  const id = await waitForLine(comment, 'the token is');
  const processes = listProcesses();
  await thread.write('octavia', `/cancel ${id}`);
  await thread.waitForJob(comment, 'canceled');
  await thread.waitForReply(comment, /canceled/);

  const created = azure.requests.slice(first).find(({ method }) => method === 'PUT');
  const { secure } = splitBody(created?.body ?? '');
  const order = secure.join('');
  const signatures = [...order.matchAll(/[?&]sig=([^&"]+)/g)].map(([, signature = '']) => signature);
  const tokens = azure.requests.flatMap(({ answer }) => /"access_token":"([^"]+)"/.exec(answer)?.[1] ?? []);
  expect(order).toContain(plantedSecret);
  expect(signatures.length).toBeGreaterThan(4);
  expect(tokens.length).toBeGreaterThan(0);
  const secrets = [plantedSecret, ...new Set([...signatures, ...tokens])];
  const findLeaks = (texts: readonly string[]): string[] =>
    secrets.filter((secret) => texts.some((text) => text.includes(secret)));

  // The answers of the identity endpoint are the tokens.
  const requests = azure.requests.flatMap(({ method, path, body, answer }) => [
    path,
    method === 'PUT' ? splitBody(body).rest : body,
    /"access_token"/.test(answer) ? '' : answer,
  ]);
  expect(findLeaks(requests)).toEqual([]);
  expect(findLeaks(processes.map(({ argv }) => argv))).toEqual([]);
  // Only the script itself and its children have the parameter.
  const ofScript = ({ argv, environment }: { argv: string; environment: string }) =>
    environment.includes(plantedSecret) && !/main\.ts|coxswain/.test(argv);
  expect(processes.filter(ofScript).length).toBeGreaterThan(0);
  expect(findLeaks(processes.filter((one) => !ofScript(one)).map(({ environment }) => environment))).toEqual(
    [],
  );

  expect(platform.output()).toContain('created a container group');
  expect(findLeaks([platform.output()])).toEqual([]);
  const replies = (await thread.listComments()).filter(({ user }) => user.type === 'Bot');
  expect(findLeaks(replies.map(({ body }) => body))).toEqual([]);
  const { orchestrator } = await platform.file();
  const answered = await fetch(`${orchestrator.url}/api/jobs?top=500`, {
    headers: { 'x-functions-key': orchestrator.key },
  });
  // A view has links of its own.
  expect(findLeaks([await answered.text()])).toEqual([]);
  const link = (await jobs.get(id))?.links?.log?.url ?? '';
  const log = await (await fetch(link)).text();
  expect(log).toContain('the token is');
  expect(findLeaks([log])).toEqual([]);
}, 240_000);
