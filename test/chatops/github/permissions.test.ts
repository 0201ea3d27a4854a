import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ProbotOctokit } from 'probot';
import { createOctokitPermissions } from '../../../chatops/github/permissions.ts';
import { listen, type RunningServer } from '../../../runtime/http-server.ts';
import { findSchemaFaults } from '../../fixtures/github/schemas.ts';
import { collaboratorPermission } from '../../fakes/github-api.ts';

/* Against GitHub's documented answers, over HTTP by the real Octokit: what no local GitHub may prove. */

let answer: { status: number; body: object };
let asked: string | undefined;
let server: RunningServer;

const open = async () => {
  const what = 'a stand-in for GitHub';
  server = await listen(
    (request, response) => {
      asked = request.url;
      response
        .writeHead(answer.status, { 'content-type': 'application/json' })
        .end(JSON.stringify(answer.body));
    },
    { what, port: 0 },
  );
};

const level = async (login: string, status: number, body: object): Promise<string> => {
  answer = { status, body };
  const octokit = new ProbotOctokit({
    baseUrl: server.url,
    throttle: { enabled: false },
    retry: { enabled: false },
  });
  const found = await createOctokitPermissions(octokit).getLevel(
    { id: 1, name: 'acme/ops' },
    { id: 7, login },
  );
  expect(asked).toBe(`/repos/acme/ops/collaborators/${encodeURIComponent(login)}/permission`);
  return found;
};

describe('a person’s level', () => {
  beforeAll(open);
  afterAll(() => server.close());

  test.each([
    ['admin', { permission: 'admin', role_name: 'admin' }, 'admin'],
    [
      'a maintainer, whose permission reads write',
      { permission: 'write', role_name: 'maintain' },
      'maintain',
    ],
    ['triage, whose permission reads read', { permission: 'read', role_name: 'triage' }, 'triage'],
    ['an outsider of a public repository', { permission: 'read', role_name: 'read' }, 'read'],
    ['someone without access', { permission: 'none', role_name: 'none' }, 'none'],
    ['a custom role based on write', { permission: 'write', role_name: 'release-captain' }, 'write'],
    ['a custom role based on read', { permission: 'read', role_name: 'admin-of-docs' }, 'read'],
    ['an older server, without role names', { permission: 'write' }, 'write'],
    ['a word we do not know', { permission: 'push', role_name: 'pusher' }, 'none'],
    ['a custom role called admin, based on read', { permission: 'read', role_name: 'admin' }, 'read'],
    ['a custom role called maintain, based on read', { permission: 'read', role_name: 'maintain' }, 'read'],
    ['a role without its name', { permission: 'write', role_name: null }, 'write'],
    ['a name of every object', { permission: 'constructor', role_name: '__proto__' }, 'none'],
  ])('%s', async (_what, body, expected) => {
    await expect(level('mona', 200, body)).resolves.toBe(expected);
  });

  test.each([
    ['release-lead', 'write', 'maintain', 'maintain'],
    ['issue-sorter', 'read', 'triage', 'triage'],
    ['builder', 'write', 'push', 'write'],
    ['reader-of-alerts', 'read', 'pull', 'read'],
    ['owner-in-all-but-name', 'admin', 'admin', 'admin'],
    ['maintain', 'write', 'push', 'write'],
    ['admin', 'read', 'pull', 'read'],
    ['none', 'none', null, 'none'],
    ['admin', 'admin', null, 'none'],
    ['triage', 'read', 'triage', 'triage'],
    ['maintain', 'write', 'maintain', 'maintain'],
  ] as const)(
    'the role %s, whose permission reads %s and whose highest flag is %s, counts as %s',
    async (role, permission, highest, expected) => {
      const body = collaboratorPermission({ permission, role_name: role }, highest);
      expect(findSchemaFaults(body, 'repository-collaborator-permission')).toEqual([]);
      await expect(level('mona', 200, body)).resolves.toBe(expected);
    },
  );

  test.each([
    ['no flags', undefined, 'maintain'],
    ['null for flags', null, 'maintain'],
    ['empty flags', {}, 'maintain'],
    ['the flags of a server before maintain', { admin: false, push: true, pull: true }, 'maintain'],
    ['no flag that we know, and names that agree', { owner: true }, 'maintain'],
  ])('%s: the names decide', async (_what, permissions, expected) => {
    const body = { permission: 'write', role_name: 'maintain', user: { id: 7, permissions } };
    await expect(level('mona', 200, body)).resolves.toBe(expected);
  });

  test('flags that are no flags are a fault', async () => {
    const body = { permission: 'read', role_name: 'read', user: { id: 7, permissions: { admin: 'false' } } };
    await expect(level('mona', 200, body)).rejects.toThrow('permissions');
  });

  test('flags of another person do not count', async () => {
    const body = collaboratorPermission({ permission: 'admin', role_name: 'admin' }, 'admin', {
      id: 8,
      login: 'mona',
    });
    await expect(level('mona', 200, body)).resolves.toBe('none');
  });

  test('persons are compared by id: a login may have become somebody else’s', async () => {
    const maintainer = { permission: 'admin', role_name: 'admin' };
    await expect(level('mona', 200, { ...maintainer, user: { id: 7 } })).resolves.toBe('admin');
    await expect(level('mona', 200, { ...maintainer, user: { id: 8 } })).resolves.toBe('none');
  });

  test('a person without access has none', async () => {
    await expect(level('nobody', 404, { message: 'nobody is not a user' })).resolves.toBe('none');
  });

  test.each([401, 403, 500])('%i is a fault, not an answer', async (status) => {
    await expect(level('mona', status, { message: 'no' })).rejects.toMatchObject({ status });
  });

  test('an answer of another form is a fault', async () => {
    await expect(level('mona', 200, { role: 'admin' })).rejects.toThrow('permission');
  });

  test('a login cannot leave its place in the path', async () => {
    await expect(level('../../../user', 404, {})).resolves.toBe('none');
  });
});
