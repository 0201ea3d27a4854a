import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createJobId } from '../../../../contracts/ids.ts';
import { leasePath } from '../../../../contracts/blob-paths.ts';
import {
  openOrchestratorFixture,
  openTestOrchestrator,
  type OrchestratorFixture,
  type TestOrchestrator,
} from '../../../fixtures/orchestrator/orchestrator-fixture.ts';
import {
  toKeyRule,
  openTestAuthenticator,
  platformKey,
} from '../../../fixtures/orchestrator/test-authenticator.ts';
import { startTokenIssuer, type TokenIssuer } from '../../../fakes/token-issuer.ts';

/* A caller that can start jobs can lease names of its repository. Here it tries to prevent others from answering. */

let fixture: OrchestratorFixture;
let issuer: TokenIssuer;
let platform: TestOrchestrator;
beforeAll(async () => {
  [fixture, issuer] = await Promise.all([openOrchestratorFixture(), startTokenIssuer()]);
  const hello = { scopes: ['start', 'read'], tasks: ['Hello'] };
  const { access, log } = openTestAuthenticator({
    issuer,
    trust: [
      { repositoryId: '74', scopes: ['start', 'read', 'approve'], tasks: '*' },
      ...['chatops.yml', 'sweep.yml'].map((file) => ({ ...ofFile(file), scopes: ['start', 'read'] })),
      ...['hello.yml', 'deploy.yml'].map((file) => ({ ...ofFile(file), scopes: ['start'], entry: false })),
    ],
    keys: [
      toKeyRule('of-75', { name: 'nightly', repositories: [75], ...hello }),
      toKeyRule('hello', { name: 'greeter', repositories: [74], ...hello }),
      toKeyRule('hello-of-all', { name: 'greeter of all', ...hello }),
      toKeyRule('action', { name: 'the Action', repositories: [74], scopes: ['start', 'read'], tasks: '*' }),
      toKeyRule('entry', {
        name: 'an entry',
        repositories: [74],
        scopes: ['start', 'read'],
        tasks: '*',
        entry: true,
      }),
    ],
  });
  platform = await openTestOrchestrator(fixture, { access, log });
});
afterAll(async () => {
  await fixture.stopAll();
  await Promise.all([fixture.close(), issuer.close()]);
});

const key = (name: string) => ({ 'x-functions-key': name });
const bot = key(platformKey);
const pathOf = (file: string) => `octo-org/octo-repo/.github/workflows/${file}`;
/** A rule for one workflow of repository 76. */
const ofFile = (file: string) => ({ repositoryId: '76', workflowRef: pathOf(file), tasks: '*' });
const workflow = async (file: string, repository = '74') => ({
  authorization: `Bearer ${await issuer.token({ workflow_ref: `${pathOf(file)}@refs/heads/main`, repository_id: repository })}`,
});

const week = 7 * 86_400;
type Who = Record<string, string>;
const take = async (who: Who, name: string, holder: string, seconds: number, more: object = {}) => {
  const { status, body } = await platform.call('POST', 'leases', { name, holder, seconds, ...more }, who);
  return status === 403 ? `403 ${String(body.error['field'])}` : status;
};
const release = async (who: Who, name: string, holder: string) =>
  (await platform.call('POST', 'leases/release', { name, holder }, who)).status;

let comments = 0;
const next = () => (comments += 1);
const claim = (comment: number | string) => `entry/127.0.0.1/74/${comment}`;
const reply = (subject: number | string) => `reply/127.0.0.1/74/${subject}`;

describe('a key of another repository', () => {
  test.each([
    'entry/127.0.0.1/74/9',
    'reply/127.0.0.1/74/9',
    'entry/127.0.0.1/74/../75/9',
    'entry/127.0.0.1/75/../74/9',
    'entry/127.0.0.1/075/9',
    'entry/127.0.0.1/75.0/9',
    'entry/127.0.0.1/75%2F74/9',
    'entry/127.0.0.1/75/74/9',
    'entry//75/9',
    'entry/127.0.0.1/ 75/9',
    'ENTRY/127.0.0.1/74/9',
    'tracker/77',
  ])('takes no name of this one: %s', async (name) => {
    const status = await take(key('of-75'), name, 'action', name.startsWith('reply') ? 60 : week);
    // The lease of this name is not the one that an entry requests.
    if (status === 200) expect(['entry/127.0.0.1/075/9']).toContain(name);
    else expect(['403 name', 400]).toContain(status);
    expect(await take(bot, 'entry/127.0.0.1/74/9', 'app', week)).toBe(200);
    expect(await take(bot, 'reply/127.0.0.1/74/9', 'the-bot', 20)).toBe(200);
  });
});

describe('the claim of a comment', () => {
  test('can be taken only for the Action by a caller that is not an entry', async () => {
    for (const who of ['hello', 'hello-of-all', 'action'])
      for (const holder of ['app', 'Action', 'ACTION', 'nobody', 'action-', createJobId()])
        expect([who, holder, await take(key(who), claim(next()), holder, week)]).toEqual([
          who,
          holder,
          '403 holder',
        ]);
    for (const id of [`review-comment-${next()}`, `review-${next()}`])
      expect([
        await take(key('hello'), claim(id), 'app', week),
        await take(key('hello'), claim(id), 'action', week),
        await take(bot, claim(id), 'app', week),
      ]).toEqual(['403 holder', 200, 409]);
    const id = next();
    expect(await take(key('hello'), claim(id), 'action', week)).toBe(200);
    // It does not prevent the Action from answering.
    for (const who of [key('action'), key('entry'), await workflow('chatops.yml')])
      expect(await take(who, claim(id), 'action', week)).toBe(200);
    expect(await take(key('entry'), claim(next()), 'app', week)).toBe(200);
  });

  test('of a caller that is not an entry is taken over by the bot, and then belongs to the bot', async () => {
    const id = next();
    expect(await take(key('hello'), claim(id), 'action', week)).toBe(200);
    expect(await take(bot, claim(id), 'app', week)).toBe(409);
    expect(await take(bot, claim(id), 'app', week, { takeOver: true })).toBe(200);
    expect(await take(key('hello'), claim(id), 'action', week)).toBe(409);
    expect(await take(key('hello'), claim(id), 'action', week, { takeOver: true })).toBe('403 takeOver');
    expect(await take(await workflow('chatops.yml'), claim(id), 'action', week, { takeOver: true })).toBe(
      '403 takeOver',
    );
    expect(await take(bot, claim(id), 'app', week)).toBe(200);
    // An entry cannot take over a lease of the platform.
    expect(await take(key('entry'), claim(id), 'action', week, { takeOver: true })).toBe(409);
  });

  test('of an entry stays with that entry, whoever else claims it in its name', async () => {
    for (const order of [
      ['entry', 'hello'],
      ['hello', 'entry'],
      ['hello', 'entry', 'hello'],
    ]) {
      const id = next();
      for (const who of order) expect(await take(key(who), claim(id), 'action', week)).toBe(200);
      expect([order, await take(bot, claim(id), 'app', week, { takeOver: true })]).toEqual([order, 409]);
    }
  });

  test('of an older version cannot be taken over', async () => {
    const name = claim(next());
    const until = new Date(Date.now() + 60_000).toISOString();
    await fixture.storage.blobs.put(leasePath(name), JSON.stringify({ v: 1, name, holder: 'action', until }));
    expect(await take(bot, name, 'app', week, { takeOver: true })).toBe(409);
    expect(await take(key('hello'), name, 'action', week)).toBe(200);
    expect(await take(bot, name, 'app', week, { takeOver: true })).toBe(409);
  });

  test('is taken over only by the value true', async () => {
    for (const takeOver of ['true', 1, null])
      expect(await take(bot, claim(next()), 'app', week, { takeOver })).toBe(400);
  });
});

describe('the lease of a reply', () => {
  const callers = async (): Promise<Who[]> => [
    bot,
    key('action'),
    key('entry'),
    await workflow('chatops.yml'),
  ];

  test('is not blocked by another key', async () => {
    for (const subject of [next(), createJobId()]) {
      for (const who of ['hello', 'hello-of-all'])
        expect(await take(key(who), reply(subject), 'the-bot', 60)).toBe(200);
      for (const [n, who] of (await callers()).entries())
        expect(await take(who, reply(subject), `writer-${n}`, 20)).toBe(200);
      // It cannot be released either.
      for (const [n] of (await callers()).entries())
        expect(await release(key('hello'), reply(subject), `writer-${n}`)).toBe(200);
      for (const who of await callers()) expect(await take(who, reply(subject), 'another', 20)).toBe(409);
    }
  });

  test('is shared by all bots, by all workflows of the repository, and by all holders of one key', async () => {
    for (const [one, other] of [
      [bot, bot],
      [await workflow('chatops.yml'), await workflow('sweep.yml')],
      [key('action'), key('action')],
    ] as const) {
      const name = reply(next());
      expect(await take(one, name, 'a', 20)).toBe(200);
      expect(await take(other, name, 'b', 20)).toBe(409);
      expect(await release(one, name, 'a')).toBe(200);
      expect(await take(other, name, 'b', 20)).toBe(200);
    }
  });
});

test('the lease of a reply to a step is not blocked by a workflow that cannot answer comments', async () => {
  const name = `reply/127.0.0.1/76/${createJobId()}`;
  const [hello, deploy] = [await workflow('hello.yml', '76'), await workflow('deploy.yml', '76')];
  for (const [who, holder] of [
    [hello, 'hello'],
    [deploy, 'deploy'],
    [await workflow('chatops.yml', '76'), 'chatops'],
  ] as const)
    expect([holder, await take(who, name, holder, 60)]).toEqual([holder, 200]);
  // Workflows that answer comments share a lease.
  expect(await take(await workflow('sweep.yml', '76'), name, 'sweep', 60)).toBe(409);
  expect(await release(hello, name, 'chatops')).toBe(200);
  expect(await take(await workflow('sweep.yml', '76'), name, 'sweep', 60)).toBe(409);
  // The runs of one workflow share a lease.
  expect(await take(hello, name, 'another-run', 60)).toBe(409);
});

test('the lease of a step’s job is not blocked by another workflow, and is shared by the runs of one workflow', async () => {
  const name = claim(createJobId());
  for (const who of [key('hello'), key('hello-of-all'), await workflow('hello.yml')])
    expect(await take(who, name, 'called-twice', week)).toBe(200);
  const own = await workflow('deploy.yml');
  expect(await take(own, name, 'step-1', week)).toBe(200);
  expect(await take(own, name, 'step-1', week)).toBe(200);
  expect(await take(own, name, 'step-2', week)).toBe(409);
});
