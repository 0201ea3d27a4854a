import { glob, readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { createOctokitPermissions } from '../../../chatops/github/permissions.ts';
import type { Author } from '../../../chatops/incoming-comment.ts';
import { createOctokitVisibility } from '../../../chatops/github/visibility.ts';
import {
  evaluateRule,
  readPolicy,
  type RuleDecision,
  type AuthorAccess,
} from '../../../chatops/policy/index.ts';
import type { Policy } from '../../../chatops/policy/policy.ts';
import { serveGitHubApi, type CannedResponse } from '../../fakes/github-api.ts';

/*
 * Who may not, from GitHub's documented answers to the decision, over HTTP by the real Octokit. Nothing here is asked of a local
 * GitHub: it could only prove that it refuses what it was told to refuse.
 */

const repository = { id: 1, name: 'acme/ops' };
const mona: Author = { id: 7, login: 'mona', kind: 'person' };
const permissionOf = 'GET /repos/acme/ops/collaborators/mona/permission';
const inOps = 'GET /orgs/acme/teams/ops/memberships/mona';
const ops = 'GET /orgs/acme/teams/ops';
const whoIsMona = 'GET /users/mona';

const level = (permission: string, role = permission, id = 7): CannedResponse => ({
  status: 200,
  body: { permission, role_name: role, user: { id, login: 'mona' } },
});
const membership = (state: string): CannedResponse => ({
  status: 200,
  body: { url: 'https://api.github.com/…', role: 'member', state },
});
const team: CannedResponse = { status: 200, body: { id: 5, slug: 'ops', name: 'Ops' } };
const user = (id: number): CannedResponse => ({ status: 200, body: { id, login: 'mona', type: 'User' } });
const repositoryIs = (isPrivate: boolean): CannedResponse => ({
  status: 200,
  body: { id: 1, private: isPrivate },
});
const forbidden: CannedResponse = {
  status: 403,
  body: { message: 'Resource not accessible by integration' },
};
const limited: CannedResponse = {
  status: 403,
  body: { message: 'You have exceeded a secondary rate limit. Please wait a few minutes.' },
};

/** Decides about somebody's `/compute` under a policy. */
const decided = async (
  allow: string,
  answers: Record<string, CannedResponse>,
  author: Author = mona,
): Promise<{ decision: RuleDecision; asked: string[] }> => {
  await using github = await serveGitHubApi({ 'GET /repos/acme/ops': repositoryIs(true), ...answers });
  const { policy } = readPolicy(`version: 1\ncompute: {allow: ${allow}}`) as { policy: Policy };
  const permissions = createOctokitPermissions(github.octokit);
  const standing: AuthorAccess = {
    getLevel: () => permissions.getLevel(repository, author),
    getMembership: (name) => permissions.getMembership(name, author),
    isPublic: () => createOctokitVisibility(github.octokit).isPublic(repository),
  };
  return { decision: await evaluateRule(policy.compute.allow, author, standing), asked: github.asked };
};

const reasonFor = async (...given: Parameters<typeof decided>): Promise<string> => {
  const { decision } = await decided(...given);
  return `${decision.allowed ? 'yes' : 'no'}: ${decision.reason}, ${decision.held}`;
};

describe('levels', () => {
  test.each([
    ['read', level('read'), 'no: level-too-low, read'],
    ['triage, of which the permission reads read', level('read', 'triage'), 'no: level-too-low, triage'],
    ['write', level('write'), 'no: level-too-low, write'],
    [
      'maintain, of which the permission reads write',
      level('write', 'maintain'),
      'yes: level-suffices, maintain',
    ],
    ['admin', level('admin'), 'yes: level-suffices, admin'],
    ['a custom role based on write', level('write', 'maintainer-of-docs'), 'no: level-too-low, write'],
    ['a custom role whose name is nearly a level', level('read', 'Admin'), 'no: level-too-low, read'],
    ['a custom role based on admin', level('admin', 'owner-of-docs'), 'yes: level-suffices, admin'],
    ['none', level('none'), 'no: level-too-low, none'],
    ['a stranger', { status: 404, body: { message: 'mona is not a user' } }, 'no: level-too-low, none'],
    ['somebody who has the login by now', level('admin', 'admin', 8), 'no: level-too-low, none'],
    ['words of another product', level('push', 'owner'), 'no: level-too-low, none'],
  ])('%s', async (_who, answer, expected) => {
    await expect(reasonFor('{permission: maintain}', { [permissionOf]: answer })).resolves.toBe(expected);
  });

  test.each([
    ['an outside contributor of a public repository', false, 'no: everyone-needed, read'],
    ['a reader of a private repository', true, 'yes: level-suffices, read'],
  ])('read: %s', async (_who, isPrivate, expected) => {
    const answers = { [permissionOf]: level('read'), 'GET /repos/acme/ops': repositoryIs(isPrivate) };
    await expect(reasonFor('{permission: read}', answers)).resolves.toBe(expected);
  });

  test('everyone, on a public repository', async () => {
    const answers = { [permissionOf]: level('read'), 'GET /repos/acme/ops': repositoryIs(false) };
    await expect(reasonFor('{permission: read, everyone: true}', answers)).resolves.toBe(
      'yes: everyone, read',
    );
  });

  test('the owner of a fork needs permission on the repository of the comment, not on the fork', async () => {
    const { decision, asked } = await decided('{permission: write}', {
      [permissionOf]: level('read'),
      'GET /repos/mona/ops/collaborators/mona/permission': level('admin'),
    });
    expect(decision).toMatchObject({ allowed: false, reason: 'level-too-low' });
    expect(asked.filter((call) => call.includes('/repos/mona/'))).toEqual([]);
  });

  test.each([
    [401, { message: 'Bad credentials' }],
    [403, forbidden.body],
    [500, {}],
  ])('%i is no answer, so nothing is decided', async (status, body) => {
    await expect(decided('{permission: read}', { [permissionOf]: { status, body } })).rejects.toMatchObject({
      status,
    });
  });
});

describe('teams', () => {
  const allow = '{permission: maintain, teams: [acme/ops]}';
  const writer = { [permissionOf]: level('write') };

  test.each([
    ['a member', { [inOps]: membership('active'), [whoIsMona]: user(7) }, 'yes: team-member, null'],
    [
      'invited, but no member yet',
      { [inOps]: membership('pending'), [ops]: team },
      'no: level-too-low, write',
    ],
    ['not a member', { [ops]: team }, 'no: level-too-low, write'],
    ['a team that is not there, or not to be seen', {}, 'no: teams-unreadable, write'],
    [
      'a credential that may not read teams',
      { [inOps]: forbidden, [ops]: forbidden },
      'no: teams-unreadable, write',
    ],
    [
      'a member once; the login is somebody else’s now',
      { [inOps]: membership('active'), [whoIsMona]: user(8) },
      'no: level-too-low, write',
    ],
    ['a member once; the account is gone', { [inOps]: membership('active') }, 'no: level-too-low, write'],
  ])('%s', async (_who, answers, expected) => {
    await expect(reasonFor(allow, { ...writer, ...answers })).resolves.toBe(expected);
  });

  test('GitHub that is asked too often has not said no', async () => {
    await expect(decided(allow, { ...writer, [inOps]: limited })).rejects.toMatchObject({ status: 403 });
    await expect(decided(allow, { ...writer, [ops]: limited })).rejects.toMatchObject({ status: 403 });
    await expect(decided(allow, { ...writer, [inOps]: { status: 502 } })).rejects.toMatchObject({
      status: 502,
    });
  });

  test('a login cannot leave its place in the path', async () => {
    const evil: Author = { id: 7, login: '../../../../user', kind: 'person' };
    const { asked } = await decided('{teams: [acme/ops]}', { [ops]: team }, evil);
    expect(asked[0]).toBe('GET /orgs/acme/teams/ops/memberships/..%2F..%2F..%2F..%2Fuser');
  });
});

describe('programs', () => {
  const hubot: Author = { id: 9, login: 'hubot[bot]', kind: 'bot' };
  const via = (app: string | null): Author => ({ ...mona, kind: 'person-via-app', app });
  const all = { 'GET /repos/acme/ops/collaborators/hubot%5Bbot%5D/permission': level('admin', 'admin', 9) };

  test.each([
    ['one that is not listed, whatever its permission', hubot, 'no: bot-not-listed, none'],
    [
      'an account of another kind, with the name of a person who may',
      { ...mona, kind: 'bot' as const },
      'no: bot-not-listed, none',
    ],
    ['one that is listed', { ...hubot, login: 'Dependabot[bot]' }, 'yes: bot-listed, null'],
    ['an app that is not listed, for a person who may', via('relay'), 'no: app-not-listed, none'],
    ['an app without a name, for a person who may', via(null), 'no: app-not-listed, none'],
    ['an app that is listed, for a person who may', via('dependabot'), 'yes: user-listed, null'],
  ])('%s', async (_who, author, expected) => {
    const allow = '{permission: read, everyone: true, users: [mona], bots: ["dependabot[bot]"]}';
    const answers = { ...all, [permissionOf]: level('admin') };
    await expect(reasonFor(allow, answers, author)).resolves.toBe(expected);
  });

  test.each([
    ['write', 'no: level-too-low, write'],
    ['maintain', 'yes: level-suffices, maintain'],
  ])('an app that is listed, for a person with %s', async (held, expected) => {
    const allow = '{permission: maintain, bots: ["relay[bot]"]}';
    const answers = { [permissionOf]: level(held) };
    await expect(reasonFor(allow, answers, via('relay'))).resolves.toBe(expected);
  });
});

test('the author association affects only the processing order, never a decision', async () => {
  const sources = await Array.fromAsync(glob('{chatops,bot/*}/**/*.ts'));
  expect(sources.length).toBeGreaterThan(50);
  const readers = [];
  for (const path of sources)
    if (/author_association|isAffiliated/.test(await readFile(path, 'utf8'))) readers.push(path);
  expect(readers.toSorted()).toEqual([
    'bot/server/admission-control.ts',
    'bot/server/webhook-events.ts',
    'bot/sweep/missed-comment-poller.ts',
    'chatops/github/comment.ts',
    'chatops/incoming-comment.ts',
  ]);
});
