import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { locksPrefix } from '../../contracts/blob-paths.ts';
import { openStorage } from '../../compute/storage/open-storage.ts';
import type { Comment } from '../../cli/thread/github-client.ts';
import { createThreadClient, type ThreadClient } from '../fixtures/thread-client.ts';
import {
  findCode,
  openRecords,
  putRecordingTasks,
  recordedSecret,
  recordingPolicy,
  type Records,
  type RecordingTask,
} from '../fixtures/recording-tasks.ts';
import { requireEarlier } from '../fixtures/require-earlier.ts';
import { isHosted, startTestPlatform, waitUntil, type LocalPlatform } from '../fixtures/local-platform.ts';

/*
 * One platform runs all tests, in this order: jobs wait for an approval or a lock while everything is killed, bots die between an action
 * and its reply, and comments are edited and deleted.
 */

let platform: LocalPlatform;
let threadClient: ThreadClient;
let records: Records;
beforeAll(async () => {
  records = await openRecords();
  platform = await startTestPlatform();
  threadClient = createThreadClient(platform);
  await putRecordingTasks(openStorage((await platform.file()).storage.connectionString).blobs);
  await threadClient.replacePolicy(recordingPolicy);
});
afterAll(async () => {
  await platform.remove();
  await records.remove();
});

const run = (login: string, task: RecordingTask, more: string): Promise<Comment> =>
  threadClient.write(login, records.toCommand(task, more));

/** Returns the id of the next comment on a quiet thread. */
const nextComment = async (): Promise<number> =>
  Math.max(...(await threadClient.listComments()).map(({ id }) => id)) + 1;

let vaults: [Comment, Comment] | undefined;

test('jobs wait for approval and for a lock while the platform is killed: one at a time, in their order', async () => {
  const gates = [await run('octavia', 'Gate', 'name=a seconds=60')];
  await waitUntil('the first one', async () => (await records.read('Gate')).length > 0);
  // The second job runs until the third is canceled, however slow the machine is.
  const opened = join(records.folder, 'opened');
  for (const more of [`name=b gate=${opened}`, 'name=c', 'name=d']) {
    const gate = await run('octavia', 'Gate', more);
    await threadClient.waitForJob(gate, 'waiting');
    gates.push(gate);
  }
  const [a, b, c, d] = gates as [Comment, Comment, Comment, Comment];
  const vault = (): Promise<Comment> => run('octavia', 'Vault', `name=v token=${recordedSecret}`);
  const both: [Comment, Comment] = [await vault(), await vault()];
  vaults = both;
  for (const each of both) await threadClient.waitForReply(each, /is waiting for approval/);
  await platform.killPlatform();
  await platform.start();

  const [job] = await threadClient.listJobs(c);
  await threadClient.waitForReply(await threadClient.write('octavia', `/cancel ${job?.id}`), /is stopping/);
  await threadClient.waitForJob(c, 'canceled');
  await writeFile(opened, '');
  // A container group outlives the platform, unlike a runner that is its child.
  const [end, reason] = isHosted ? (['completed', null] as const) : (['failed', 'runner-lost'] as const);
  expect(await threadClient.waitForJob(a, end)).toMatchObject({ reason });
  await threadClient.waitForJob(d, 'completed');
  expect(await records.read('Gate')).toEqual([
    'in a',
    ...(isHosted ? ['out a'] : []),
    'in b',
    'out b',
    'in d',
    'out d',
  ]);
  await threadClient.waitForReply(b, /completed/);
  await threadClient.waitForReply(c, /was canceled by `octavia`/);
  for (const each of both) expect(await threadClient.listJobs(each)).toMatchObject([{ state: 'waiting' }]);
}, 300_000);

test('an approval whose bot dies before it replies counts once, and applies only to the job that it names', async () => {
  const [first, second] = requireEarlier(vaults, 'requested two approvals');
  const codes = [
    findCode(await threadClient.waitForReply(first, /./)),
    findCode(await threadClient.waitForReply(second, /./)),
  ];
  expect(new Set(codes).size).toBe(2);
  const approval = await threadClient.killBeforeReply(await nextComment(), () =>
    threadClient.write('priya', `/approve ${codes[0]}`),
  );
  expect(await threadClient.waitForReply(approval, /./)).toContain('You approved');
  expect(await threadClient.waitForJob(first, 'completed')).toMatchObject({
    approvals: [{ by: { name: 'priya' } }],
  });
  expect(await threadClient.waitForReply(first, /completed/)).toContain('Approved by `priya`');
  await waitUntil('the last reaction', async () =>
    (await threadClient.listReactions(first)).includes('rocket'),
  );
  expect(await records.read('Vault')).toEqual(['in v', 'out v']);
  expect(await threadClient.listJobs(second)).toMatchObject([{ state: 'waiting', approvals: [] }]);
  const own = await threadClient.write('octavia', `/reject ${codes[1]} "not today"`);
  await threadClient.waitForReply(own, /You rejected/);
  await threadClient.waitForReply(second, /was rejected by `octavia`/);
}, 300_000);

let waitingForLock: Comment | undefined;

test('a person holds a lock, and jobs wait for it', async () => {
  await threadClient.waitForReply(
    await threadClient.write('mona', '/lock gate reason="looking at it"'),
    /You hold the lock/,
  );
  const waiting = await run('octavia', 'Gate', `name=e seconds=1 token=${recordedSecret}`);
  waitingForLock = waiting;
  expect(await threadClient.waitForReply(waiting, /is waiting for the lock/)).toContain('looking at it');
}, 300_000);

test('a secret appears only in the comment that contains it', async () => {
  const { orchestrator, storage } = await platform.file();
  const headers = { 'x-functions-key': orchestrator.key };
  const { blobs } = openStorage(storage.connectionString);
  const locks = await Array.fromAsync(blobs.list(locksPrefix));
  const thread = (await threadClient.listComments()).filter(({ user }) => user.type === 'Bot');
  const shown = {
    replies: thread.map(({ body }) => body).join('\n'),
    jobs: await (await fetch(`${orchestrator.url}/api/jobs?top=500`, { headers })).text(),
    logs: platform.output(),
    locks: (await Promise.all(locks.map(async ({ path }) => (await blobs.get(path))?.toString()))).join('\n'),
    file: await readFile(join(platform.folder, 'platform.json'), 'utf8'),
  };
  for (const [where, text] of Object.entries(shown))
    expect([where, text.includes(recordedSecret)]).toEqual([where, false]);
  expect(shown.replies).toContain('the token is [redacted]');
  expect(shown.jobs).toContain('"***"');
  expect(shown.logs).toContain('"audit"');
  expect(shown.locks).toContain('gate');
}, 300_000);

test('a bot dies between the release of a lock and its reply; a job that then continues outlives its comment', async () => {
  const waiting = requireEarlier(waitingForLock, 'a job that waits for a lock');
  const unlock = await threadClient.killBeforeReply(await nextComment(), () =>
    threadClient.write('mona', '/unlock gate'),
  );
  await threadClient.waitForJob(waiting, 'running');
  await threadClient.remove('octavia', waiting);
  await threadClient.waitForReply(unlock, /gate/);
  expect(await threadClient.waitForReply(waiting, /completed/)).toContain('requested by `octavia`');
  expect((await records.read('Gate')).slice(-2)).toEqual(['in e', 'out e']);
}, 300_000);

test('an edit by the author runs added commands once; an edit by another person runs nothing, and is reported once', async () => {
  const note = await threadClient.write('octavia', 'Later.');
  const added = 'Later.\n/run Hello who=one';
  await threadClient.killBeforeReply(note.id, () => threadClient.edit('octavia', note, added));
  await threadClient.waitForReply(note, /completed/);
  for (const more of ['/run Hello who=two', '/run Hello who=three']) {
    await threadClient.edit('mona', note, `${added}\n${more}`);
    await waitUntil(
      more,
      async () =>
        platform.output().split('"reason":"edited-by-other"').length > (more.endsWith('two') ? 1 : 2),
    );
  }
  const reply = await threadClient.waitForReply(note, /`mona`/);
  expect(reply.match(/`mona`/g)).toHaveLength(1);
  expect(reply).toContain('completed');
  expect(await threadClient.listJobs(note)).toHaveLength(1);
}, 300_000);

test('a lock until the thread is closed ends with it, and is not taken again when it is reopened', async () => {
  const taken = await threadClient.write('mona', '/lock gate until=closed reason=incident');
  expect(await threadClient.waitForReply(taken, /You hold the lock/)).toMatch(
    /It ends when `#\d+` is closed/,
  );
  const waiting = await run('octavia', 'Gate', 'name=after');
  await threadClient.waitForJob(waiting, 'waiting');
  await threadClient.setState('mona', 'closed');
  await threadClient.waitForJob(waiting, 'completed');
  await threadClient.setState('mona', 'open');
  const listed = await threadClient.write('octavia', '/locks');
  await threadClient.waitForReply(listed, /No locks are held/);
});
