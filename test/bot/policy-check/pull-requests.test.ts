import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { startBot } from '../../../bot/start-bot.ts';
import { readBotSettings } from '../../../bot/settings.ts';
import type { GitHubEmulator } from '../../../local/github-emulator/github-emulator.ts';
import { Releases } from '../../../runtime/lifecycle.ts';
import {
  app,
  createAppToken,
  createUserClient,
  createInstallationClient,
  createApiClient,
  waitFor,
  openTestEmulator,
  createTemporaryFolder,
  type ApiClient,
} from '../../fixtures/github-emulator.ts';
import { FakeOrchestrator } from '../../fakes/fake-orchestrator.ts';

/* A real bot on the embedded GitHub, which sends it the webhooks of a pull request from a stranger's fork. */

const base = '/repos/acme/ops';
const path = '.github/coxswain.yml';
const log = pino({ level: 'silent' });

let folder: ReturnType<typeof createTemporaryFolder>;
let orchestrator: FakeOrchestrator;
let sandbox: GitHubEmulator;
let stranger: ApiClient;
let releases: Releases;
let webhookUrl: string;

beforeEach(async () => {
  folder = createTemporaryFolder();
  releases = new Releases();
  orchestrator = await new FakeOrchestrator().open();
  sandbox = await openTestEmulator(folder.folder, () => webhookUrl);
  stranger = createUserClient(sandbox, 'read');
});
afterEach(async () => {
  await releases.end();
  await Promise.all([sandbox.close(), orchestrator.close()]);
  folder.remove();
});

/** Starts a bot that reads a policy for at most so many seconds. */
const start = async (policySeconds: number): Promise<void> => {
  const settings = readBotSettings({
    APP_ID: String(app.id),
    PRIVATE_KEY: app.privateKey,
    WEBHOOK_SECRET: app.webhookSecret,
    GITHUB_API_URL: `${sandbox.url}/api/v3`,
    GITHUB_THROTTLE: 'off',
    ORCHESTRATOR_URL: orchestrator.url,
    ORCHESTRATOR_KEY: orchestrator.key,
    PORT: '0',
    TRACKER_SECONDS: '0.05',
    REDELIVERY_SECONDS: '0.1',
  });
  const seconds = { ...settings.seconds, policy: policySeconds };
  const { port } = await startBot({ ...settings, seconds }, releases, log);
  webhookUrl = `http://127.0.0.1:${port}/api/github/webhooks`;
};

type Run = { id: number; conclusion: string | null; output: { title: string } };
type Delivery = { event: string; status_code: number; guid: string };

/** Opens a pull request with a policy. @returns the commit */
const propose = async (content: string): Promise<string> => {
  const sha = sandbox.testControl.push({ by: 'rhea', branch: 'policy', fork: true, path, content });
  const opened = await stranger('POST', `${base}/pulls`, {
    title: 'Policy',
    head: 'rhea:policy',
    base: 'main',
  });
  expect(opened.status).toBe(201);
  return sha;
};

const checksOn = async (sha: string): Promise<Run[]> => {
  const bot = await createInstallationClient(sandbox);
  const { body } = await bot('GET', `${base}/commits/${sha}/check-runs`);
  return (body as { check_runs: Run[] }).check_runs;
};

/** The check run of a commit, with the messages of its annotations. */
const checked = async (sha: string): Promise<{ run: Run; messages: string[] }> => {
  const run = await waitFor(async () => (await checksOn(sha)).find(({ conclusion }) => conclusion !== null));
  const bot = await createInstallationClient(sandbox);
  const { body } = await bot('GET', `${base}/check-runs/${run.id}/annotations`);
  return { run, messages: (body as { message: string }[]).map(({ message }) => message) };
};

/** The bot's answers to the webhooks of an event, once all have been answered. */
const answersTo = (event: string): Promise<number[]> =>
  waitFor(async () => {
    const { body } = await createApiClient(sandbox, createAppToken())(
      'GET',
      '/app/hook/deliveries?per_page=100',
    );
    const own = (body as Delivery[]).filter((one) => one.event === event);
    return own.length > 0 && own.every((one) => one.status_code > 0)
      ? own.map((one) => one.status_code)
      : undefined;
  });

/** A policy that is right, and takes a process with limits some time to read. */
const large = `version: 1\ncompute: {parameters: {algorithm: {allowed: [${'a,'.repeat(900)}b]}}}\n#${'x'.repeat(3_000)}\n`;

test.each([
  [
    'patterns',
    `version: 1\ncompute: {parameters: {${Array.from({ length: 201 }, (_, n) => `p${n}: {pattern: 'a${n}'}`).join(', ')}}}\n`,
    ['Expected at most 200 different patterns.', 'Received more than 200.'],
  ],
  [
    'the size of a pattern',
    `version: 1\ncompute: {parameters: {a: {pattern: '(${'ab'.repeat(245)}){1000}'}}}\n`,
    ['Expected a pattern that compiles to at most 5000 instructions.', 'Received 492002 instructions.'],
  ],
  [
    'what aliases stand for',
    `version: 1\nx: &x [${'a,'.repeat(19_000)}]\ny: [${'*x,'.repeat(100)}]\n`,
    ['Expected at most 20000 keys and values.', 'Received 1919', ' keys and values.'],
  ],
  [
    'bytes',
    `version: 1\n#${'x'.repeat(70_000)}\n`,
    ['Expected at most 65536 bytes.', 'Received 70013 bytes.'],
  ],
])(
  'over a limit of %s: the check run fails with the limit and what was received',
  async (_what, text, parts) => {
    await start(60);
    const sha = await propose(text);
    const { run, messages } = await checked(sha);
    expect(run.conclusion).toBe('failure');
    for (const part of parts) expect(messages.join('\n')).toContain(part);
    expect(await answersTo('pull_request')).toEqual([200]);
  },
  60_000,
);

test('a policy that takes too long: the check run fails with the limit, and its webhook is not asked for again', async () => {
  await start(0.001);
  const sha = await propose(large);
  const { run, messages } = await checked(sha);
  expect(run.conclusion).toBe('failure');
  expect(messages).toEqual([
    'The file takes too long to read\nExpected at most 0.001 seconds.\nReceived more than 0.001 seconds.',
  ]);
  expect(await answersTo('pull_request')).toEqual([200]);
}, 300_000);

/** The child processes of this one. */
const children = (): number[] =>
  readdirSync('/proc/self/task').flatMap((thread) =>
    (readFileSync(`/proc/self/task/${thread}/children`, 'utf8').match(/\d+/g) ?? []).map(Number),
  );

test('webhooks of others are answered while a policy is read', async () => {
  await start(60);
  const before = children();
  await checked(await propose(large));
  const [reader] = children().filter((pid) => !before.includes(pid));
  if (reader === undefined) throw new Error('No process reads policies');
  process.kill(reader, 'SIGSTOP');
  const sha = sandbox.testControl.push({
    by: 'rhea',
    branch: 'policy',
    fork: true,
    path,
    content: `${large}#`,
  });
  const writer = createUserClient(sandbox, 'write');
  await writer('POST', `${base}/issues/${sandbox.issue}/comments`, { body: '/compute 10' });
  expect(await answersTo('issue_comment')).toEqual([200]);
  expect(orchestrator.starts).toBe(1);
  expect(await checksOn(sha)).toEqual([]);
  process.kill(reader, 'SIGCONT');
  expect((await checked(sha)).run.conclusion).toBe('success');
}, 300_000);
