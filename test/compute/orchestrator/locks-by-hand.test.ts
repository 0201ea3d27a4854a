import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { longestValue } from '../../../chatops/command/command-arguments.ts';
import { locksPrefix } from '../../../contracts/blob-paths.ts';
import {
  namesUnder,
  openGround,
  openPlatform,
  type Ground,
  type Platform,
} from '../../fixtures/orchestrator/orchestrator-fixture.ts';
import {
  cancel,
  locksOf,
  person,
  runs,
  startUnder,
  waits,
  type Name,
} from '../../fixtures/orchestrator/jobs-with-conditions.ts';
import { startRelay } from '../../fakes/block-worker.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await openGround();
});
afterEach(async () => {
  await ground.settle();
  expect(await namesUnder(ground.storage, locksPrefix)).toEqual([]);
});
afterAll(() => ground.close());

const lock = { scope: 'github.com/1296269', key: 'vm/web-1' };
const take = (platform: Platform, name: Name, reason: string | null = null) =>
  platform.call('POST', 'locks', { ...lock, by: person(name), reason });
const release = (platform: Platform, name: Name, force?: boolean) =>
  platform.call('POST', 'locks/release', { ...lock, by: person(name), force });

test('a person takes a lock, has it, and gives it back', async () => {
  const platform = await openPlatform(ground);
  const held = {
    v: 1,
    ...lock,
    holders: [{ kind: 'person', person: person('mona'), reason: 'release day' }],
  };
  expect(await take(platform, 'mona', 'release day')).toMatchObject({
    status: 200,
    body: { v: 1, outcome: 'taken', lock: held },
  });
  expect(await take(platform, 'mona', 'again')).toMatchObject({
    status: 200,
    body: { outcome: 'yours', lock: held },
  });
  expect(await take(platform, 'lisa')).toMatchObject({
    status: 409,
    body: { error: { code: 'lock-held' }, lock: held },
  });
  expect(await locksOf(platform, lock.scope)).toMatchObject([held]);
  expect(await release(platform, 'lisa')).toMatchObject({ status: 409, body: { lock: held } });
  expect((await release(platform, 'mona')).status).toBe(200);
  expect(await release(platform, 'mona')).toMatchObject({
    status: 404,
    body: { error: { code: 'not-locked' } },
  });
  expect(await locksOf(platform, lock.scope)).toEqual([]);
});

test('a reason may be as long as a value of a command', async () => {
  const platform = await openPlatform(ground);
  const reason = 'x'.repeat(longestValue);
  expect(await take(platform, 'mona', reason)).toMatchObject({
    body: { lock: { holders: [{ kind: 'person', reason }] } },
  });
  await release(platform, 'mona');
});

test('of many persons at once one gets it', async () => {
  const platform = await openPlatform(ground);
  const names = ['mona', 'lisa', 'hubot'] as const;
  const answers = await Promise.all(names.map((name) => take(platform, name)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(2);
  expect((await release(platform, 'mona', true)).status).toBe(200);
});

test('a job waits for a person, whose every slot it is, and gets the lock when they let go', async () => {
  const platform = await openPlatform(ground, { timing: { firstLockLook: 60, lastLockLook: 60 } });
  startRelay(ground, platform);
  await take(platform, 'mona', 'release day');
  const id = await startUnder(platform, { locks: [{ ...lock, slots: 2 }] });
  expect(await waits(platform, id, 'lock')).toMatchObject({
    waiting: { holders: [{ kind: 'person', person: person('mona'), reason: 'release day' }], ahead: 0 },
  });
  const refused = await startUnder(platform, { locks: [{ ...lock, whenTaken: 'refuse' }] });
  expect(await platform.ended(refused)).toMatchObject({
    reason: 'lock-taken',
    message: 'The lock vm/web-1 is taken by mona',
  });
  expect((await release(platform, 'lisa', true)).status).toBe(200);
  await runs(platform, id);

  // What a job has, no person takes, and none lets go of.
  const held = { status: 409, body: { lock: { holders: [{ kind: 'job', job: id }] } } };
  expect(await take(platform, 'mona')).toMatchObject(held);
  expect(await release(platform, 'mona', true)).toMatchObject(held);
  await cancel(platform, id);
  await platform.ended(id);
});

test.each([
  ['GET', 'locks', undefined, 'scope'],
  ['GET', 'locks?scope=two%20words', undefined, 'scope'],
  ['POST', 'locks', { ...lock, key: 'vm/', by: person('mona') }, 'key'],
  ['POST', 'locks', lock, 'by'],
  ['POST', 'locks', { ...lock, by: person('mona'), reason: 'x'.repeat(1_025) }, 'reason'],
  ['POST', 'locks/release', { ...lock, by: person('mona'), force: 'yes' }, 'force'],
] as const)('refuses %s %s %j', async (method, path, body, field) => {
  const platform = await openPlatform(ground);
  expect(await platform.call(method, path, body)).toMatchObject({ status: 400, body: { error: { field } } });
});
