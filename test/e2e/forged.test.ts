import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openEmulatorStore } from '../../local/github-emulator/store/store.ts';
import { defaultGrammar, parseCommands } from '../../chatops/command/index.ts';
import { deriveJobId } from '../../chatops/job/index.ts';
import type { Comment } from '../../cli/thread/github-client.ts';
import {
  createHttpJobs,
  createHttpLeases,
  type Jobs,
  type Leases,
  type StartRequest,
} from '../../compute/client/index.ts';
import { createThreadClient, type ThreadClient } from '../fixtures/thread-client.ts';
import { startTestPlatform, waitUntil, type LocalPlatform } from '../fixtures/local-platform.ts';
import { createWebhook } from '../fixtures/signed-webhook.ts';

/*
 * Keys that may start nothing but `Hello` take the ids and the comments of others, at a real orchestrator with a real bot: nobody's
 * command goes without an answer, and none is said to have run that has not.
 */

let repository = 0;
let platform: LocalPlatform;
let threadClient: ThreadClient;
/** The permissions of the key of another repository, and of that of this one. */
let nightly: Jobs;
let greeter: { jobs: Jobs; leases: Leases };

const keyRule = (name: string, repositories: number[]) => ({
  name,
  sha256: createHash('sha256').update(secretOf(name)).digest('hex'),
  scopes: ['start', 'read'],
  tasks: ['Hello'],
  repositories,
});
const secretOf = (name: string): string => `the-secret-key-of-the-${name}`;

beforeAll(async () => {
  platform = await startTestPlatform((folder) => {
    const store = openEmulatorStore(join(folder, 'github'));
    repository = store.settings.repositoryId;
    store.close();
    return {
      COXSWAIN_KEYS: JSON.stringify([keyRule('nightly', [repository + 1]), keyRule('greeter', [repository])]),
    };
  });
  threadClient = createThreadClient(platform);
  await threadClient.replacePolicy('version: 1\n');
  const { url } = (await platform.file()).orchestrator;
  nightly = createHttpJobs({ url, key: secretOf('nightly') });
  const own = { url, key: secretOf('greeter') };
  greeter = { jobs: createHttpJobs(own), leases: createHttpLeases(own) };
}, 300_000);
afterAll(() => platform.remove(), 60_000);

const host = '127.0.0.1';
const deploy = '/run Deploy place=production version=1.2';

/** The id of the next comment, which anybody can guess. */
const next = async (): Promise<number> =>
  Math.max(0, ...(await threadClient.listComments()).map(({ id }) => id)) + 1;

const idOf = (body: string, comment: number): string => {
  const [item] = parseCommands(body, defaultGrammar);
  if (item?.kind !== 'command') throw new Error(`no command in ${body}`);
  const thread = { repository: { id: repository, name: 'x' }, number: 1, kind: 'issue' } as const;
  return deriveJobId(item.command, { host, thread, comment: { id: comment }, event: { kind: 'created' } });
};

const hello = (more: object): StartRequest => ({
  kind: 'task',
  taskName: 'Hello',
  parameters: [{ name: 'who', value: 'x' }],
  ...more,
});

/** The origin of a job that says it is octavia's. */
const claiming = async (comment: number) => {
  const { github } = await platform.file();
  return {
    host,
    repository: { id: repository, name: github.repository },
    thread: { number: github.issue, kind: 'issue' as const },
    comment: { id: comment, createdAt: new Date().toISOString() },
    sender: 'octavia',
    installation: github.installation,
    command: deploy,
    notes: { notify: 'always' },
  };
};

const forge = async (jobs: Jobs, request: StartRequest): Promise<string> => {
  const answer = await jobs.start(request);
  if (answer.outcome !== 'started') throw new Error(JSON.stringify(answer));
  return answer.id;
};

const ended = async (id: string) => {
  const jobs = await platform.jobs();
  return waitUntil(`the end of ${id}`, async () => {
    const job = await jobs.get(id);
    return job?.endedAt === null ? undefined : job;
  });
};

/** Everything that names a job on the thread. */
const wordsOn = async (id: string): Promise<string[]> =>
  (await threadClient.listComments()).map(({ body }) => body).filter((body) => body.includes(id));

const tellAgain = async (comment: Comment): Promise<void> => {
  const { send } = await createWebhook(platform, comment);
  await waitUntil('the bot', async () => (await send().catch(() => 0)) === 200);
};

test('a job of another repository under the id of the next command: the command runs, once', async () => {
  const comment = await next();
  const id = await forge(
    nightly,
    hello({
      jobId: idOf(deploy, comment),
      origin: { host, repository: { id: repository + 1, name: 'acme/other' } },
    }),
  );
  expect(id).toBe(idOf(deploy, comment));
  const written = await threadClient.write('octavia', deploy);
  expect(written.id).toBe(comment);
  await threadClient.waitForReply(written, /completed/);
  await tellAgain(written);
  const [job, more] = await threadClient.listJobs(written);
  expect([job?.request['taskName'], job?.state, more]).toEqual(['Deploy', 'completed', undefined]);
  expect(await ended(id)).toMatchObject({ request: { taskName: 'Hello' } });
  expect(await wordsOn(id)).toEqual([]);
  expect(await threadClient.listReactions(written)).toEqual(['eyes', 'rocket']);
}, 300_000);

test('a job of another task under the id of the next command: the reply names the key, and the command runs in a new comment', async () => {
  const comment = await next();
  const id = await forge(
    greeter.jobs,
    hello({ jobId: idOf(deploy, comment), origin: await claiming(comment) }),
  );
  const written = await threadClient.write('octavia', deploy);
  expect(written.id).toBe(comment);
  const taken =
    /was not started: another job \(`run Hello who=x`\), started by the key `greeter`, already has its id/;
  const before = await threadClient.waitForReply(written, taken);
  // The forged job ends. Then a redelivery, and a bot that has just started, handle the comment again.
  await ended(id);
  await tellAgain(written);
  await waitUntil('the bot', () => platform.kill('bot'));
  await tellAgain(written);
  await threadClient
    .write('octavia', deploy)
    .then((second) => threadClient.waitForReply(second, /completed/));
  expect(await threadClient.waitForReply(written, taken)).toBe(before);
  expect(await threadClient.listReactions(written)).toEqual(['confused']);
  const names = (body: string): boolean => body.includes('who=x');
  expect((await threadClient.listComments()).map(({ body }) => body).filter(names)).toEqual([before]);
  expect(await wordsOn(id)).toEqual([]);
}, 300_000);

test('a job that only says it is a comment’s: neither its reply nor a notice shows it', async () => {
  const written = await threadClient.write('octavia', deploy);
  await threadClient.waitForReply(written, /completed/);
  const quiet = await threadClient.write('octavia', 'Thanks!');
  const forged = await Promise.all(
    [written, quiet].map(async ({ id }) => forge(greeter.jobs, hello({ origin: await claiming(id) }))),
  );
  for (const id of forged) await ended(id);
  await waitUntil('the bot', () => platform.kill('bot'));
  // The first poll lists all jobs of the last days.
  await threadClient
    .write('octavia', deploy)
    .then((second) => threadClient.waitForReply(second, /completed/));
  for (const id of forged) expect(await wordsOn(id)).toEqual([]);
  expect(await threadClient.listReactions(quiet)).toEqual([]);
  expect(await threadClient.listReactions(written)).toEqual(['eyes', 'rocket']);
  const status = await threadClient.write('octavia', `/status ${forged[0]}`);
  expect(await threadClient.waitForReply(status, /`run Hello who=x`\*\* completed/)).toContain(
    'started by the key `greeter`',
  );
}, 300_000);

test('leases of the comment and of its reply do not keep the bot from answering', async () => {
  const comment = await next();
  const scope = `${host}/${repository}`;
  expect(await greeter.leases.take(`reply/${scope}/${comment}`, 'greeter', 60)).toBe(true);
  await expect(greeter.leases.take(`entry/${scope}/${comment}`, 'app', 7 * 86_400)).rejects.toThrow(/403/);
  await expect(greeter.leases.take(`entry/${scope}/${comment}`, 'x', 7 * 86_400)).rejects.toThrow(/403/);
  const written = await threadClient.write('octavia', deploy);
  expect(written.id).toBe(comment);
  await threadClient.waitForReply(written, /completed/);
}, 300_000);
