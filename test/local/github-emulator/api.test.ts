import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import type { GitHubEmulator } from '../../../local/github-emulator/github-emulator.ts';
import { findSchemaFaults } from '../../fixtures/github/schemas.ts';
import {
  app,
  createAppToken,
  createUserClient,
  createInstallationClient,
  createApiClient,
  openTestEmulator,
  createTemporaryFolder,
  type ApiClient,
} from '../../fixtures/github-emulator.ts';

type Thing = {
  id: number;
  number: number;
  url: string;
  body: string;
  created_at: string;
  user: { login: string; type: string };
};
type Page = Thing[];

describe('the API of the sandbox', () => {
  const { folder, remove } = createTemporaryFolder();
  let emulator: GitHubEmulator;
  let mona: ApiClient;
  let octavia: ApiClient;
  let rhea: ApiClient;
  let bot: ApiClient;
  let theApp: ApiClient;

  beforeAll(async () => {
    emulator = await openTestEmulator(folder);
    mona = createUserClient(emulator, 'maintain');
    octavia = createUserClient(emulator, 'write');
    rhea = createUserClient(emulator, 'read');
    bot = await createInstallationClient(emulator);
    theApp = createApiClient(emulator, createAppToken());
  });
  afterAll(async () => {
    await emulator.close();
    remove();
  });

  const issues = '/repos/acme/ops/issues';
  const write = async (by: ApiClient, body: string, issue = 1): Promise<Thing> =>
    (await by('POST', `${issues}/${issue}/comments`, { body })).body as Thing;

  describe("answers have the form of GitHub's", () => {
    test.each([
      ['GET', '/repos/acme/ops', 'full-repository'],
      ['GET', '/repos/ACME/Ops', 'full-repository'],
      ['GET', `${issues}/1`, 'issue'],
      ['GET', '/user', 'private-user'],
      ['GET', '/users/octavia', 'public-user'],
      ['GET', '/users/coxswain%5Bbot%5D', 'public-user'],
      ['GET', '/repos/acme/ops/collaborators/mona/permission', 'repository-collaborator-permission'],
      ['GET', '/apps/coxswain', 'integration'],
    ])('%s %s is a %s', async (method, path, schema) => {
      const { status, body } = await mona(method, path);
      expect([status, findSchemaFaults(body, schema)]).toEqual([200, []]);
    });

    test('workflows write as a separate bot, which cannot read its own account or teams', async () => {
      const workflow = createApiClient(emulator, emulator.workflowToken);
      const { user, performed_via_github_app: via } = (await write(workflow, 'from a run')) as Thing & {
        performed_via_github_app: { slug: string };
      };
      expect([user, via.slug]).toMatchObject([
        { login: 'github-actions[bot]', type: 'Bot' },
        'github-actions',
      ]);
      for (const path of ['/user', '/orgs/acme/teams/ops/memberships/mona'])
        expect((await workflow('GET', path)).status).toBe(403);
    });

    test('of what only the app sees', async () => {
      expect(findSchemaFaults((await theApp('GET', '/app')).body, 'integration')).toEqual([]);
      expect(
        findSchemaFaults((await theApp('GET', '/repos/acme/ops/installation')).body, 'installation'),
      ).toEqual([]);
      const installations = (await theApp('GET', '/app/installations')).body as object[];
      expect(installations.flatMap((installation) => findSchemaFaults(installation, 'installation'))).toEqual(
        [],
      );
      const repositories = (await bot('GET', '/installation/repositories')).body as {
        repositories: object[];
      };
      expect(repositories.repositories.flatMap((one) => findSchemaFaults(one, 'repository'))).toEqual([]);
      const token = await theApp('POST', '/app/installations/1/access_tokens');
      expect([token.status, findSchemaFaults(token.body, 'installation-token')]).toEqual([201, []]);
    });

    test('of comments, reactions and issues that are made', async () => {
      const opened = await rhea('POST', issues, { title: 'Another', body: null });
      expect([opened.status, findSchemaFaults(opened.body, 'issue')]).toEqual([201, []]);
      const posted = await bot('POST', `${issues}/1/comments`, { body: 'by the app' });
      expect([posted.status, findSchemaFaults(posted.body, 'issue-comment')]).toEqual([201, []]);
      expect(posted.headers.get('location')).toBe((posted.body as Thing).url);
      const reacted = await mona('POST', `${issues}/comments/${(posted.body as Thing).id}/reactions`, {
        content: 'eyes',
      });
      expect([reacted.status, findSchemaFaults(reacted.body, 'reaction')]).toEqual([201, []]);
    });

    test.each([
      ['a comment without a body', () => mona('POST', `${issues}/1/comments`, {}), 422, 'validation-error'],
      [
        'a blank comment',
        () => mona('POST', `${issues}/1/comments`, { body: ' \n' }),
        422,
        'validation-error',
      ],
      ['an issue without a title', () => mona('POST', issues, { body: 'x' }), 422, 'validation-error'],
      ['a body that is not JSON', () => mona('POST', `${issues}/1/comments`, '{'), 400, 'basic-error'],
      ['an issue that is not there', () => mona('GET', `${issues}/99`), 404, 'basic-error'],
      ['an address that is unknown', () => mona('GET', '/nothing/here'), 404, 'basic-error'],
      [
        'an unknown reaction',
        async () =>
          mona('POST', `${issues}/comments/${(await write(mona, 'x')).id}/reactions`, { content: 'tada' }),
        422,
        'validation-error',
      ],
    ])('of the refusal of %s', async (_what, call, status, schema) => {
      const answer = await call();
      expect([answer.status, findSchemaFaults(answer.body, schema)]).toEqual([status, []]);
    });
  });

  describe('comments', () => {
    test('are created, read, edited and deleted', async () => {
      const comment = await write(octavia, 'first');
      const edited = await octavia('PATCH', `${issues}/comments/${comment.id}`, { body: 'second' });
      expect(edited.body).toMatchObject({
        id: comment.id,
        body: 'second',
        author_association: 'MEMBER',
      });
      expect((await bot('GET', `${issues}/comments/${comment.id}`)).body).toEqual(edited.body);
      expect((await octavia('DELETE', `${issues}/comments/${comment.id}`)).status).toBe(204);
      expect((await octavia('GET', `${issues}/comments/${comment.id}`)).status).toBe(404);
    });

    test("of the app are a bot's", async () => {
      const comment = await write(bot, 'done');
      expect(comment).toMatchObject({
        user: { login: 'coxswain[bot]', type: 'Bot' },
        performed_via_github_app: { id: app.id, slug: 'coxswain' },
      });
      expect(await write(mona, 'thanks')).toMatchObject({
        user: { type: 'User' },
        performed_via_github_app: null,
      });
    });

    test('of another app, with a user token, belong to the user and name the app', async () => {
      const viaRelay = createApiClient(
        emulator,
        emulator.testControl.createUserToken('mona', { id: 5, slug: 'relay' }),
      );
      const comment = await write(viaRelay, 'done');
      expect(findSchemaFaults(comment, 'issue-comment')).toEqual([]);
      const shown = {
        user: { login: 'mona', type: 'User' },
        performed_via_github_app: { id: 5, slug: 'relay' },
      };
      expect(comment).toMatchObject(shown);
      // An edit by someone else does not change the app.
      const path = `${issues}/comments/${comment.id}`;
      expect((await mona('PATCH', path, { body: 'or not' })).body).toMatchObject(shown);
      expect((await rhea('GET', path)).body).toMatchObject(shown);
    });

    test('take 65 536 characters, each code point one, and not one more', async () => {
      expect((await mona('POST', `${issues}/1/comments`, { body: '😀'.repeat(65_536) })).status).toBe(201);
      const refused = await mona('POST', `${issues}/1/comments`, { body: 'x'.repeat(65_537) });
      expect(refused.status).toBe(422);
      expect(refused.body).toMatchObject({
        errors: [
          {
            resource: 'IssueComment',
            code: 'unprocessable',
            message: 'Body is too long (maximum is 65536 characters)',
          },
        ],
      });
    });

    test('of others are changed only with write access', async () => {
      const comment = await write(mona, 'mine');
      expect((await rhea('PATCH', `${issues}/comments/${comment.id}`, { body: 'no' })).status).toBe(403);
      expect((await rhea('DELETE', `${issues}/comments/${comment.id}`)).status).toBe(403);
      expect((await octavia('PATCH', `${issues}/comments/${comment.id}`, { body: 'yes' })).status).toBe(200);
    });

    test('are listed in pages, with links, and by when they changed', async () => {
      const { number } = (await mona('POST', issues, { title: 'Pages' })).body as Thing;
      for (const body of ['1', '2', '3', '4', '5']) await write(mona, body, number);
      const list = `${issues}/${number}/comments`;
      const seen: string[] = [];
      let next: string | undefined = `${list}?per_page=2`;
      while (next !== undefined) {
        const page = await mona('GET', next);
        seen.push((page.body as Page).map(({ body }) => body).join(''));
        next = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1];
      }
      expect(seen).toEqual(['12', '34', '5']);
      const all = (await mona('GET', `${list}?since=2000-01-01T00:00:00Z`)).body as Page;
      expect([all.length, all.flatMap((comment) => findSchemaFaults(comment, 'issue-comment'))]).toEqual([
        5,
        [],
      ]);
      expect((await mona('GET', `${list}?since=2100-01-01T00:00:00Z`)).body).toEqual([]);
    });

    test('of all issues are listed by when they were written or changed', async () => {
      const [first, second] = [await write(mona, 'first'), await write(mona, 'second')];
      emulator.testControl.setCommentDate(second.id, first.created_at);
      await mona('PATCH', `${issues}/comments/${first.id}`, { body: 'changed' });
      const listed = async (query: string): Promise<number[]> =>
        ((await bot('GET', `${issues}/comments?per_page=100${query}`)).body as Page).map(({ id }) => id);
      const oldest = await listed('');
      expect(oldest).toEqual(oldest.toSorted((a, b) => a - b));
      expect(await listed('&direction=desc')).toEqual(oldest);
      expect((await listed('&sort=created&direction=desc'))[0]).toBe(second.id);
      expect((await listed('&sort=updated&direction=desc'))[0]).toBe(first.id);
      expect((await listed('&sort=updated')).at(-1)).toBe(first.id);
      const tag = (await bot('GET', `${issues}/comments`)).headers.get('etag') ?? '';
      const again = await bot('GET', `${issues}/comments`, undefined, { 'if-none-match': tag });
      expect([again.status, again.text]).toEqual([304, '']);
    });

    test('accept each reaction of an account once', async () => {
      const path = `${issues}/comments/${(await write(mona, '/compute 10')).id}/reactions`;
      const first = await bot('POST', path, { content: 'rocket' });
      const again = await bot('POST', path, { content: 'rocket' });
      expect([first.status, again.status]).toEqual([201, 200]);
      expect(again.body).toEqual(first.body);
      await mona('POST', path, { content: 'rocket' });
      expect((await mona('GET', `${path}?content=rocket`)).body).toHaveLength(2);
      const comment = (await mona('GET', path.replace('/reactions', ''))).body;
      expect(comment).toMatchObject({ reactions: { total_count: 2, rocket: 2, eyes: 0 } });
    });

    test('with a known ETag are not sent again', async () => {
      const path = `${issues}/comments/${(await write(mona, 'tagged')).id}`;
      const tag = (await mona('GET', path)).headers.get('etag') ?? '';
      const again = await mona('GET', path, undefined, { 'if-none-match': tag });
      expect([again.status, again.text]).toEqual([304, '']);
      await mona('PATCH', path, { body: 'changed' });
      expect((await mona('GET', path, undefined, { 'if-none-match': tag })).status).toBe(200);
    });
  });

  describe('comments that are refused', () => {
    const opened = async (title: string): Promise<number> =>
      ((await mona('POST', issues, { title })).body as Thing).number;
    const say = (by: ApiClient, issue: number) => by('POST', `${issues}/${issue}/comments`, { body: 'x' });

    test('in a locked conversation: only people with write access can comment', async () => {
      const issue = await opened('Locked');
      const { id } = await write(mona, 'before', issue);
      expect((await rhea('PUT', `${issues}/${issue}/lock`)).status).toBe(403);
      expect((await mona('PUT', `${issues}/${issue}/lock`, { lock_reason: 'boring' })).status).toBe(422);
      expect((await octavia('PUT', `${issues}/${issue}/lock`, { lock_reason: 'spam' })).status).toBe(204);
      expect((await mona('GET', `${issues}/${issue}`)).body).toMatchObject({
        locked: true,
        active_lock_reason: 'spam',
      });
      for (const by of [rhea, bot]) {
        const { status, body } = await say(by, issue);
        expect([status, findSchemaFaults(body, 'basic-error')]).toEqual([403, []]);
        expect(body).toMatchObject({ message: 'Unable to create comment because issue is locked.' });
        const reaction = await by('POST', `${issues}/comments/${id}/reactions`, { content: 'eyes' });
        expect(reaction.status).toBe(403);
      }
      expect((await say(octavia, issue)).status).toBe(201);
      expect((await octavia('DELETE', `${issues}/${issue}/lock`)).status).toBe(204);
      expect((await say(bot, issue)).status).toBe(201);
    });

    test('where there are 2 500', async () => {
      const issue = await opened('Full');
      emulator.testControl.setCommentCount(issue, 2_499);
      expect((await say(bot, issue)).status).toBe(201);
      expect((await mona('GET', `${issues}/${issue}`)).body).toMatchObject({ comments: 2_500 });
      expect((await say(bot, issue)).status).toBe(403);
      expect((await say(mona, issue)).status).toBe(403);
    });

    test('in an archived repository, which takes nothing', async () => {
      const { id } = await write(bot, 'x');
      emulator.testControl.setArchived(true);
      for (const [method, path] of [
        ['POST', `${issues}/1/comments`],
        ['PATCH', `${issues}/comments/${id}`],
        ['POST', issues],
      ] as const) {
        const refused = await bot(method, path, { title: 'x', body: 'y' });
        expect(refused).toMatchObject({
          status: 403,
          body: { message: 'Repository was archived so is read-only.' },
        });
      }
      expect((await bot('GET', '/repos/acme/ops')).body).toMatchObject({ archived: true });
      emulator.testControl.setArchived(false);
      expect((await say(bot, 1)).status).toBe(201);
    });
  });

  describe('issues', () => {
    test('are edited, closed and reopened by their author and people with write access', async () => {
      const { number } = (await rhea('POST', issues, { title: 'Mine' })).body as Thing;
      const at = `${issues}/${number}`;
      const closed = await rhea('PATCH', at, { title: 'Ours', state: 'closed', state_reason: 'not_planned' });
      expect([closed.status, findSchemaFaults(closed.body, 'issue')]).toEqual([200, []]);
      expect(closed.body).toMatchObject({
        title: 'Ours',
        state: 'closed',
        state_reason: 'not_planned',
        closed_by: { login: 'rhea' },
      });
      expect((await bot('GET', `${issues}?state=closed`)).body).toMatchObject([{ number }]);
      expect((await bot('GET', `${issues}?per_page=100`)).body).not.toContainEqual(
        expect.objectContaining({ number }),
      );
      expect((await octavia('PATCH', at, { state: 'open' })).body).toMatchObject({
        state: 'open',
        state_reason: 'reopened',
        closed_at: null,
      });
      expect((await rhea('PATCH', `${issues}/1`, { state: 'closed' })).status).toBe(403);
      expect((await mona('PATCH', at, { state: 'gone' })).status).toBe(422);
    });

    test('have labels, by name in any case', async () => {
      const labels = `${issues}/1/labels`;
      const added = await bot('POST', labels, { labels: ['ops', 'Night shift'] });
      expect((added.body as object[]).flatMap((label) => findSchemaFaults(label, 'label'))).toEqual([]);
      await mona('POST', labels, ['OPS']);
      const { body } = await mona('GET', `${issues}/1`);
      expect(findSchemaFaults(body, 'issue')).toEqual([]);
      expect(body).toMatchObject({ labels: [{ name: 'Night shift' }, { name: 'ops' }] });
      expect((await rhea('POST', labels, { labels: ['mine'] })).status).toBe(403);
      expect((await mona('DELETE', `${labels}/night%20shift`)).body).toMatchObject([{ name: 'ops' }]);
      expect((await mona('DELETE', `${labels}/night%20shift`)).status).toBe(404);
    });

    test('begin with a welcome in which nothing is a command outside code', async () => {
      const { body } = (await mona('GET', `${issues}/1`)).body as Thing;
      expect(body).toContain('/compute 1000');
      expect(body.replace(/`[^`]*`/g, '')).not.toMatch(/\/[a-z]/);
    });

    test('are listed newest first', async () => {
      const { number } = (await rhea('POST', issues, { title: 'Newest', body: 'text' })).body as Thing;
      const listed = (await bot('GET', `${issues}?per_page=1`)).body as Page;
      expect(listed).toMatchObject([{ number, title: 'Newest', user: { login: 'rhea' } }]);
    });
  });

  describe('who may', () => {
    test.each([
      ['mona', 'write', 'maintain', ['maintain', 'push', 'triage', 'pull']],
      ['octavia', 'write', 'write', ['push', 'triage', 'pull']],
      ['rhea', 'read', 'read', ['pull']],
      ['priya', 'write', 'maintain', ['maintain', 'push', 'triage', 'pull']],
      ['tomas', 'write', 'write', ['push', 'triage', 'pull']],
      ['Rhea', 'read', 'read', ['pull']],
      ['coxswain[bot]', 'none', 'none', []],
    ])('%s has the permission %s, as %s', async (login, permission, role, flags) => {
      const answer = await bot(
        'GET',
        `/repos/acme/ops/collaborators/${encodeURIComponent(login)}/permission`,
      );
      const permissions = Object.fromEntries(
        ['admin', 'maintain', 'push', 'triage', 'pull'].map((flag) => [flag, flags.includes(flag)]),
      );
      expect(answer.body).toMatchObject({
        permission,
        role_name: role,
        user: { role_name: role, permissions },
      });
    });

    test('an unknown account has no permission', async () => {
      expect((await bot('GET', '/repos/acme/ops/collaborators/stranger/permission')).status).toBe(404);
      expect((await bot('GET', '/users/stranger')).status).toBe(404);
    });

    test('without a token the repository does not exist; with a wrong one nothing does', async () => {
      expect((await createApiClient(emulator)('GET', '/repos/acme/ops')).status).toBe(404);
      expect((await createApiClient(emulator)('POST', `${issues}/1/comments`, { body: 'x' })).status).toBe(
        404,
      );
      expect((await createApiClient(emulator, 'ghp_unknown')('GET', '/repos/acme/ops')).status).toBe(401);
      expect((await createApiClient(emulator, `ghs_zzzzzzzz_${'0'.repeat(40)}`)('GET', '/user')).status).toBe(
        401,
      );
    });

    test('only the app speaks for itself, with a token that it signed just now', async () => {
      expect((await mona('GET', '/app')).status).toBe(401);
      expect((await bot('GET', '/user')).status).toBe(403);
      expect((await theApp('GET', '/repos/acme/ops')).status).toBe(403);
      const past = Math.floor(Date.now() / 1000) - 3600;
      const wrong = [
        createAppToken({ iss: 12 }),
        createAppToken({ iat: past, exp: past + 300 }),
        createAppToken({ exp: past + 90_000 }),
        `${createAppToken()}x`,
      ];
      for (const token of wrong)
        expect((await createApiClient(emulator, token)('GET', '/app')).status).toBe(401);
      expect(
        (await createApiClient(emulator, createAppToken({ iss: String(app.id) }))('GET', '/app')).status,
      ).toBe(200);
    });
  });

  describe('teams', () => {
    const teams = '/orgs/acme/teams';

    test.each([
      ['ops', ['mona', 'octavia']],
      ['oncall', ['mona', 'priya']],
    ])('%s has only its members', async (slug, members) => {
      const team = await bot('GET', `${teams}/${slug}`);
      expect([team.status, findSchemaFaults(team.body, 'team-full')]).toEqual([200, []]);
      for (const { login } of emulator.users) {
        const { status, body } = await bot('GET', `${teams}/${slug}/memberships/${login}`);
        const isMember = members.includes(login);
        expect([login, status]).toEqual([login, isMember ? 200 : 404]);
        if (isMember) expect(findSchemaFaults(body, 'team-membership')).toEqual([]);
      }
    });

    test('are those of the organization, to which not every account belongs', async () => {
      expect((await bot('GET', `${teams}/nothing`)).status).toBe(404);
      expect((await bot('GET', `${teams}/nothing/memberships/mona`)).status).toBe(404);
      expect((await bot('GET', '/orgs/acme/members/octavia')).status).toBe(204);
      for (const login of ['tomas', 'rhea', 'stranger', 'coxswain%5Bbot%5D'])
        expect((await bot('GET', `/orgs/acme/members/${login}`)).status).toBe(404);
    });
  });

  test('unknown paths are not found', async () => {
    expect((await mona('GET', '/repos/acme/ops/milestones')).status).toBe(404);
    expect((await createApiClient(emulator)('POST', '/user/repos', { name: 'x' })).status).toBe(404);
  });

  test('the API is at the root, too', async () => {
    const token = emulator.users[0]?.token;
    const answer = await fetch(`${emulator.url}/repos/acme/ops`, {
      headers: { authorization: `token ${token}`, connection: 'close' },
    });
    expect(await answer.json()).toMatchObject({ full_name: 'acme/ops', private: true });
  });
});
