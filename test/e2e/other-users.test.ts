import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { chmodSync, lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '../../compute/client/index.ts';
import { BlobSASPermissions, BlobServiceClient } from '@azure/storage-blob';
import { QueueSASPermissions, QueueServiceClient } from '@azure/storage-queue';
import { createThreadClient, type ThreadClient } from '../fixtures/thread-client.ts';
import { startTestPlatform, waitUntil, type LocalPlatform } from '../fixtures/local-platform.ts';

/*
 * A platform on a data folder as an older version left it: open to everybody, by umask and modes, and with links by a key of
 * before. Then another user of the machine tries what can be tried.
 */

let platform: LocalPlatform;
let threadClient: ThreadClient;
let umask: number;
/** A job that had ended, and one that continues. */
let ended: Job;
let waiting: Job;

beforeAll(async () => {
  // The platform inherits it.
  umask = process.umask(0);
  platform = await startTestPlatform();
  threadClient = createThreadClient(platform);
  ended = await threadClient.waitForJob(
    await threadClient.write('octavia', '/run Hello who=world'),
    'completed',
  );
  waiting = await threadClient.waitForJob(
    await threadClient.write('octavia', '/run Deploy place=staging version=1'),
    'waiting',
  );
  await platform.stop();
  makeOld(platform.folder);
  await platform.start();
}, 300_000);
afterAll(async () => {
  process.umask(umask);
  await platform.remove();
});

/** Converts a data folder to the format from before each had its own storage key. */
const makeOld = (folder: string): void => {
  const secrets = join(folder, 'secrets.json');
  const { storageKey: _, ...old } = JSON.parse(readFileSync(secrets, 'utf8')) as Record<string, unknown>;
  writeFileSync(secrets, JSON.stringify(old));
  for (const path of [folder, ...pathsIn(folder)])
    chmodSync(path, lstatSync(path).isDirectory() ? 0o755 : 0o644);
};

const pathsIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));

/** Returns the paths in the data folder that other users can access. Files may appear and disappear in the meantime. */
const openPaths = (): string[] =>
  [platform.folder, ...pathsIn(platform.folder)].filter((path) => {
    const found = lstatSync(path, { throwIfNoEntry: false });
    return found && !found.isSymbolicLink() && (found.mode & 0o077) !== 0;
  });

test('old links stop working, and /status creates new ones that work', async () => {
  const old = ended.links?.log?.url ?? '';
  expect((await fetch(old)).status).toBe(403);
  const status = await threadClient.write('octavia', `/status ${ended.id}`);
  const reply = await threadClient.waitForReply(status, /\[log\]\(http/);
  const [, renewed = ''] = /\[log\]\(([^)]+)\)/.exec(reply) ?? [];
  expect(await (await fetch(renewed)).text()).toContain('world');
});

test('a job from before continues to its end', async () => {
  const { code } = (waiting.origin as { notes: { code: string } }).notes;
  await threadClient.write('mona', `/approve ${code}`);
  const jobs = await platform.jobs();
  const job = await waitUntil('its end', async () => {
    const found = await jobs.get(waiting.id);
    return found?.endedAt ? found : undefined;
  });
  expect(job.state).toBe('completed');
});

test('no other user can read or change anything in the data folder, with any umask and previous modes', async () => {
  await threadClient.waitForJob(await threadClient.write('octavia', '/compute 20'), 'completed');
  expect(openPaths()).toEqual([]);
  const names = pathsIn(platform.folder).map((path) => path.slice(platform.folder.length + 1));
  for (const written of [
    'jobs.db-wal',
    'github/github.db-wal',
    'github/github.db-shm',
    'platform.json',
    'ports.json',
  ])
    expect(names).toContain(written);
  expect(names.filter((name) => name.startsWith('storage/__blobstorage__/'))).not.toEqual([]);
});

const nobody = 65_534;

/** Runs a program as another user and resolves with the JSON that it prints. It has no network or files but what everybody has. */
const asNobody = async (program: string, given: unknown): Promise<unknown> => {
  const become = `process.setgroups([]); process.setgid(${nobody}); process.setuid(${nobody});`;
  const source = `${become}\nconst given = JSON.parse(process.argv[1]);\n${program}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source, JSON.stringify(given)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk));
  await new Promise((resolve) => child.once('close', resolve));
  return JSON.parse(printed) as unknown;
};

const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn('Skipped: what another user of the machine can do, for only root can become one');
const testAsRoot = isRoot ? test : test.skip;

testAsRoot(
  'another user of the machine can open none of its files, and sees no secrets of its processes',
  async () => {
    const { pid, children, storage } = await platform.file();
    const pids = [pid, ...children.map((child) => child.pid)];
    const program = `
    import { openSync, readFileSync } from 'node:fs';
    const opens = (path, flags) => { try { openSync(path, flags); return true; } catch { return false; } };
    const commandOf = (pid) => { try { return readFileSync('/proc/' + pid + '/cmdline', 'utf8'); } catch { return ''; } };
    const shown = given.pids.map(commandOf).join('');
    console.log(JSON.stringify({
      opened: given.paths.filter((path) => opens(path, 'r') || opens(path, 'a')),
      environments: given.pids.filter((pid) => opens('/proc/' + pid + '/environ', 'r')),
      shown,
    }));`;
    const paths = [platform.folder, ...pathsIn(platform.folder)];
    const seen = (await asNobody(program, { pids, paths })) as Record<'opened' | 'environments', string[]> & {
      shown: string;
    };
    expect(seen).toMatchObject({ opened: [], environments: [] });
    const [, key = ''] = /AccountKey=([^;]+)/.exec(storage.connectionString) ?? [];
    expect(seen.shown).toContain('bot/main.ts');
    expect(seen.shown).not.toContain(key);
  },
);

testAsRoot(
  'another user of the machine can do nothing at its ports with any published credential',
  async () => {
    const { github, orchestrator, bot, storage } = await platform.file();
    const published = storage.connectionString.replace(/AccountKey=[^;]+/, `AccountKey=${publishedKey}`);
    const expiresOn = new Date(Date.now() + 600_000);
    const script = BlobServiceClient.fromConnectionString(published)
      .getContainerClient('tasks')
      .getBlobClient('hello.sh');
    const scriptLink = await script.generateSasUrl({
      permissions: BlobSASPermissions.parse('rwcd'),
      expiresOn,
    });
    const queue = QueueServiceClient.fromConnectionString(published).getQueueClient('input');
    const queueLink = queue.generateSasUrl({ permissions: QueueSASPermissions.parse('raup'), expiresOn });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const tries: Try[] = [
      ['overwrites a script', scriptLink, 'PUT', { 'x-ms-blob-type': 'BlockBlob' }, 'echo forged'],
      ['reads a script', scriptLink, 'GET', {}, null],
      ['reads a script without a SAS', script.url, 'GET', {}, null],
      ['deletes a script', scriptLink, 'DELETE', {}, null],
      ['sends a message', queueLink.replace('/input?', '/input/messages?'), 'POST', {}, '<QueueMessage/>'],
      ['reads the thread', github.page, 'GET', {}, null],
      ['hears the thread', `${github.page}/events`, 'GET', {}, null],
      ['writes on the page', `${github.page}/comments`, 'POST', form, 'as=mona&body=/run Hello who=forged'],
      ['asks for a code', `${github.url}/sign-in/codes`, 'POST', { authorization: 'Bearer ' }, null],
      [
        'writes by the API',
        `${github.url}/api/v3/repos/acme/ops/issues/1/comments`,
        'POST',
        {},
        '{"body":"forged"}',
      ],
      ['lists jobs', `${orchestrator.url}/api/jobs`, 'GET', {}, null],
      ['starts a job', `${orchestrator.url}/api/tasks`, 'POST', {}, '{"taskName":"Hello"}'],
      [
        'forges an event',
        `${orchestrator.url}/runtime/webhooks/eventgrid?functionName=ComputeComplete`,
        'POST',
        {},
        '[]',
      ],
      ['lists instances', `${orchestrator.url}/runtime/webhooks/durabletask/instances`, 'GET', {}, null],
      [
        'forges a webhook',
        bot.webhookUrl,
        'POST',
        { 'x-github-event': 'issue_comment', 'x-github-delivery': '1', 'x-hub-signature-256': 'sha256=00' },
        '{}',
      ],
    ];
    const program = `
    const answers = [];
    for (const [what, url, method, headers, body] of given) {
      const answer = await fetch(url, { method, headers, body });
      answers.push([what, answer.status >= 400 && answer.status < 500]);
      await answer.body?.cancel();
    }
    console.log(JSON.stringify(answers));
    process.exit();`;
    expect(await asNobody(program, tries)).toEqual(tries.map(([what]) => [what, true]));
    expect((await threadClient.listComments()).map(({ body }) => body).join()).not.toContain('forged');
  },
);

type Try = [what: string, url: string, method: string, headers: Record<string, string>, body: string | null];

/** Azurite's default key: https://learn.microsoft.com/azure/storage/common/storage-use-azurite. */
const publishedKey =
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

testAsRoot(
  'a session of the pages is worth nothing to another user, be it stolen with its form token',
  async () => {
    const { github } = await platform.file();
    const [address = ''] =
      /http:\S+code=\S+/.exec(platform.output().slice(platform.output().lastIndexOf('is ready'))) ?? [];
    const entered = await fetch(address, { redirect: 'manual' });
    const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? '';
    const page = await fetch(github.page, { headers: { cookie } });
    expect(page.status).toBe(200);
    const [, token = ''] = /name="token" value="([^"]+)"/.exec(await page.text()) ?? [];
    expect(token).not.toBe('');
    const program = `
    import { request } from 'node:http';
    const { hostname, port, host, pathname } = new URL(given.page);
    const ask = (address, method, path, body) => new Promise((resolve, reject) => {
      const headers = { host, cookie: given.cookie, 'content-type': 'application/x-www-form-urlencoded' };
      const asked = request({ host: address, port, method, path, headers, agent: false }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      asked.once('error', reject).end(body);
    });
    const form = new URLSearchParams({ as: 'mona', body: 'stolen', token: given.token }).toString();
    const statuses = [];
    for (const address of [hostname, '::ffff:127.0.0.1']) {
      statuses.push(await ask(address, 'GET', pathname));
      statuses.push(await ask(address, 'GET', pathname + '/events'));
      statuses.push(await ask(address, 'POST', pathname + '/comments', form));
    }
    console.log(JSON.stringify(statuses));
    process.exit();`;
    expect(await asNobody(program, { page: github.page, cookie, token })).toEqual([
      403, 403, 403, 403, 403, 403,
    ]);
    expect((await threadClient.listComments()).map(({ body }) => body)).not.toContain('stolen');
  },
);
