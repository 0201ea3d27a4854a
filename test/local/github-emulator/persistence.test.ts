import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';

import { expect, test } from '@jest/globals';

import type { GitHubEmulator } from '../../../local/github-emulator/github-emulator.ts';
import { startChild } from '../../../runtime/child-process.ts';
import {
  app,
  createAppToken,
  createUserClient,
  createInstallationClient,
  createApiClient,
  waitFor,
  openTestEmulator,
  startWebhookReceiver,
  createTemporaryFolder,
} from '../../fixtures/github-emulator.ts';

type Thing = { id: number; body: string };
type Listed = { guid: string; status_code: number; status: string };

const comments = '/repos/acme/ops/issues/1/comments';
const failures = async (emulator: GitHubEmulator): Promise<Listed[]> =>
  (await createApiClient(emulator, createAppToken())('GET', '/app/hook/deliveries?status=failure'))
    .body as Listed[];

test('stored data is available again, and no id is reused, not even of a deleted record', async () => {
  const { folder, remove } = createTemporaryFolder();
  const first = await openTestEmulator(folder);
  const post = async (emulator: GitHubEmulator, body: string) =>
    (await createUserClient(emulator, 'write')('POST', comments, { body })).body as Thing;
  const kept = await post(first, 'kept');
  const reactions = `/repos/acme/ops/issues/comments/${kept.id}/reactions`;
  const reaction = (await createUserClient(first, 'read')('POST', reactions, { content: 'eyes' })).body;
  const deleted = await post(first, 'deleted');
  await createUserClient(first, 'write')('DELETE', `/repos/acme/ops/issues/comments/${deleted.id}`);
  const repository = (await createUserClient(first, 'read')('GET', '/repos/acme/ops')).body as Thing;
  const ofInstallation = await createInstallationClient(first);
  expect((await ofInstallation('GET', '/repos/acme/ops')).status).toBe(200);
  await first.close();

  const second = await openTestEmulator(folder);
  expect(second.users).toEqual(first.users);
  expect((await createUserClient(second, 'read')('GET', '/repos/acme/ops')).body).toMatchObject({
    id: repository.id,
  });
  expect((await createUserClient(second, 'read')('GET', comments)).body).toMatchObject([
    { id: kept.id, body: 'kept' },
  ]);
  expect((await createUserClient(second, 'read')('GET', reactions)).body).toMatchObject([
    { id: (reaction as Thing).id },
  ]);
  expect((await post(second, 'new')).id).toBeGreaterThan(deleted.id);
  await second.close();
  remove();
});

test('a folder of an earlier version is migrated with its data', async () => {
  const { folder, remove } = createTemporaryFolder();
  const old = new DatabaseSync(join(folder, 'github.db'));
  old.exec(`
    CREATE TABLE issues (
      id INTEGER PRIMARY KEY AUTOINCREMENT, number INTEGER NOT NULL UNIQUE, title TEXT NOT NULL, body TEXT NOT NULL,
      author INTEGER NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL) STRICT;
    CREATE TABLE comments (
      id INTEGER PRIMARY KEY AUTOINCREMENT, issue INTEGER NOT NULL REFERENCES issues(number), body TEXT NOT NULL,
      author INTEGER NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL) STRICT;
    INSERT INTO issues VALUES (1, 1, 'Old', '', 101, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z');
    INSERT INTO comments VALUES (7, 1, 'old', 102, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z');
  `);
  old.close();
  const emulator = await openTestEmulator(folder);
  const rhea = createUserClient(emulator, 'read');
  expect((await rhea('GET', comments)).body).toMatchObject([{ id: 7, body: 'old' }]);
  expect((await rhea('GET', '/repos/acme/ops/issues')).body).toMatchObject([{ title: 'Old', state: 'open' }]);
  expect((await rhea('GET', '/repos/acme/ops/commits')).body).toHaveLength(1);
  await emulator.close();
  remove();
});

test('two folders never share the ids of their repositories', async () => {
  const [one, other] = [createTemporaryFolder(), createTemporaryFolder()];
  const ids = [];
  for (const { folder, remove } of [one, other]) {
    const emulator = await openTestEmulator(folder);
    ids.push(((await createUserClient(emulator, 'read')('GET', '/repos/acme/ops')).body as Thing).id);
    await emulator.close();
    remove();
  }
  expect(ids[0]).not.toBe(ids[1]);
});

test('webhooks that were not attempted when it closed go out at the next start', async () => {
  const { folder, remove } = createTemporaryFolder();
  const slow = await neverAnswering();
  const first = await openTestEmulator(folder, slow.url);
  // More than are sent at once, to one who never answers: some wait.
  for (let n = 1; n <= 12; n += 1)
    await createUserClient(first, 'write')('POST', comments, { body: String(n) });
  await slow.holding(8);
  await first.close();
  await slow.close();

  const hook = await startWebhookReceiver();
  const second = await openTestEmulator(folder, hook.url);
  const bodies = [];
  for (let n = 0; n < 4; n += 1) bodies.push((await hook.next()).payload.comment?.body);
  expect(new Set(bodies)).toEqual(new Set(['9', '10', '11', '12']));
  expect(await failures(second)).toHaveLength(8);
  await second.close();
  await hook.close();
  remove();
});

test('after a kill, all acknowledged writes are stored, and an interrupted webhook counts as failed', async () => {
  const { folder, remove } = createTemporaryFolder();
  const keyFile = join(folder, 'key.pem');
  writeFileSync(keyFile, app.privateKey);
  const slow = await neverAnswering();
  let tell: (emulator: GitHubEmulator) => void = () => {};
  const told = new Promise<GitHubEmulator>((resolve) => (tell = resolve));
  const child = startChild({
    name: 'host',
    entry: fileURLToPath(new URL('../../fixtures/github-emulator-process.ts', import.meta.url)),
    arguments: [folder, slow.url, keyFile],
    onMessage: (message) => tell(message as GitHubEmulator),
  });
  const first = await told;
  const answered: Thing[] = [];
  for (const body of ['1', '2', '3'])
    answered.push((await createUserClient(first, 'write')('POST', comments, { body })).body as Thing);
  await slow.holding(3);
  child.signal('SIGKILL');
  await child.ended;
  await slow.close();

  const second = await openTestEmulator(folder);
  const kept = (await createUserClient(second, 'read')('GET', comments)).body as Thing[];
  expect(kept.map(({ id, body }) => [id, body])).toEqual(answered.map(({ id, body }) => [id, body]));
  const next = (await createUserClient(second, 'write')('POST', comments, { body: '4' })).body as Thing;
  expect(next.id).toBeGreaterThan(answered[2]?.id ?? 0);
  // The three deliveries, and the one that now fails.
  const failed = await waitFor(async () => {
    const all = await failures(second);
    return all.length === 4 ? all : undefined;
  });
  expect(failed.map(({ status }) => status)).toEqual([
    'failed to connect to host',
    'timed out',
    'timed out',
    'timed out',
  ]);
  await second.close();
  remove();
});

/** A receiver that takes webhooks and never answers. `holding` resolves once it has that many. */
const neverAnswering = async () => {
  let held = 0;
  let look = () => {};
  const server: Server = createServer((request) => {
    request.resume();
    held += 1;
    look();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    holding: (count: number) =>
      new Promise<void>((resolve) => {
        look = () => held >= count && resolve();
        look();
      }),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
