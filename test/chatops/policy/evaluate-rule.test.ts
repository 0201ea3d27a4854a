import { describe, expect, test } from '@jest/globals';
import { permissionLevels, type PermissionLevel } from '../../../chatops/policy/permission-level.ts';
import type { Author } from '../../../chatops/incoming-comment.ts';
import { closedPolicy, evaluateRule } from '../../../chatops/policy/index.ts';
import { createRule, createAuthorAccess } from '../../fakes/author-access.ts';

const mona: Author = { id: 7, login: 'Mona', kind: 'person' };
const bot: Author = { id: 8, login: 'dependabot[bot]', kind: 'bot' };

describe('by level', () => {
  test.each(['triage', 'write', 'maintain', 'admin'] as const)('%s, and above it', async (permission) => {
    const rule = createRule({ permission });
    const decisions = await Promise.all(
      permissionLevels.map((level) => evaluateRule(rule, mona, createAuthorAccess({ level }))),
    );
    const allowed = permissionLevels.filter((_, n) => decisions[n]?.allowed);
    expect(allowed).toEqual(permissionLevels.slice(permissionLevels.indexOf(permission)));
  });

  test('says why', async () => {
    const rule = createRule({ permission: 'write' });
    await expect(evaluateRule(rule, mona, createAuthorAccess({ level: 'triage' }))).resolves.toEqual({
      allowed: false,
      reason: 'level-too-low',
      needed: rule,
      held: 'triage',
    });
    await expect(evaluateRule(rule, mona, createAuthorAccess({ level: 'admin' }))).resolves.toEqual({
      allowed: true,
      reason: 'level-suffices',
      held: 'admin',
    });
  });
});

describe('read', () => {
  const read = createRule({ permission: 'read' });
  const everyone = createRule({ permission: 'read', everyone: true });

  test('on a private repository is what a person was granted', async () => {
    const reader = createAuthorAccess({ level: 'read', isPublic: false });
    await expect(evaluateRule(read, mona, reader)).resolves.toMatchObject({ reason: 'level-suffices' });
  });

  test('on a public repository is what everyone has, and does not suffice', async () => {
    const outsider = createAuthorAccess({ level: 'read', isPublic: true });
    await expect(evaluateRule(read, mona, outsider)).resolves.toMatchObject({
      allowed: false,
      reason: 'everyone-needed',
    });
  });

  test('more than read was given, on a public repository too', async () => {
    const helper = createAuthorAccess({ level: 'triage', isPublic: true });
    await expect(evaluateRule(read, mona, helper)).resolves.toMatchObject({
      allowed: true,
      reason: 'level-suffices',
    });
    expect(helper.asked).not.toContain('public');
  });

  test('everyone means everyone who can read', async () => {
    for (const isPublic of [true, false]) {
      await expect(
        evaluateRule(everyone, mona, createAuthorAccess({ level: 'read', isPublic })),
      ).resolves.toMatchObject({
        allowed: true,
        reason: 'everyone',
      });
    }
    await expect(evaluateRule(everyone, mona, createAuthorAccess({ level: 'none' }))).resolves.toMatchObject({
      allowed: false,
      reason: 'level-too-low',
    });
  });
});

describe('by name', () => {
  test('a login in any case, and nothing is asked', async () => {
    const access = createAuthorAccess({});
    await expect(
      evaluateRule(createRule({ users: ['mona'], permission: 'admin' }), mona, access),
    ).resolves.toEqual({
      allowed: true,
      reason: 'user-listed',
      held: null,
    });
    expect(access.asked).toEqual([]);
  });

  test('a permission level does not suffice if the rule names none', async () => {
    const access = createAuthorAccess({ level: 'admin' });
    await expect(evaluateRule(createRule({ users: ['hubot'] }), mona, access)).resolves.toMatchObject({
      allowed: false,
      reason: 'not-listed',
      held: 'admin',
    });
  });

  test('an empty rule allows nobody', async () => {
    await expect(
      evaluateRule(createRule({}), mona, createAuthorAccess({ level: 'admin' })),
    ).resolves.toMatchObject({
      reason: 'not-listed',
    });
  });
});

describe('by team', () => {
  const rule = createRule({ permission: 'maintain', teams: ['acme/ops', 'acme/oncall', 'acme/more'] });

  test('a member of any; the level is asked first, later teams are not', async () => {
    const access = createAuthorAccess({ level: 'write', teams: { 'acme/oncall': 'member' } });
    await expect(evaluateRule(rule, mona, access)).resolves.toMatchObject({
      allowed: true,
      reason: 'team-member',
    });
    expect(access.asked).toEqual(['level', 'acme/ops', 'acme/oncall']);
  });

  test('a person with the level needs no team', async () => {
    const access = createAuthorAccess({ level: 'maintain' });
    await expect(evaluateRule(rule, mona, access)).resolves.toMatchObject({ reason: 'level-suffices' });
    expect(new Set(access.asked)).toEqual(new Set(['level']));
  });

  test('not a member', async () => {
    await expect(evaluateRule(rule, mona, createAuthorAccess({ level: 'write' }))).resolves.toMatchObject({
      allowed: false,
      reason: 'level-too-low',
    });
  });

  test('an unreadable team allows nobody, and the reason says so', async () => {
    const access = createAuthorAccess({ level: 'write', teams: { 'acme/ops': 'unreadable' } });
    await expect(evaluateRule(rule, mona, access)).resolves.toMatchObject({
      allowed: false,
      reason: 'teams-unreadable',
      held: 'write',
    });
  });

  test('one that cannot be read does not hide another one', async () => {
    const access = createAuthorAccess({ teams: { 'acme/ops': 'unreadable', 'acme/more': 'member' } });
    await expect(evaluateRule(rule, mona, access)).resolves.toMatchObject({ allowed: true });
  });
});

describe('programs', () => {
  test('by the list of bots', async () => {
    await expect(
      evaluateRule(createRule({ bots: ['dependabot[bot]'] }), bot, createAuthorAccess({})),
    ).resolves.toMatchObject({
      allowed: true,
      reason: 'bot-listed',
    });
  });

  test('by nothing else: not by level, not as a user, not as one of everyone', async () => {
    const access = createAuthorAccess({ level: 'admin', teams: { 'acme/ops': 'member' } });
    const rule = createRule({
      permission: 'read',
      everyone: true,
      teams: ['acme/ops'],
      users: ['mona', 'dependabot[bot]'],
    });
    for (const author of [bot, { ...mona, kind: 'bot' as const }]) {
      await expect(evaluateRule(rule, author, access)).resolves.toMatchObject({
        allowed: false,
        reason: 'bot-not-listed',
      });
    }
    expect(access.asked).toEqual([]);
  });

  test.each([
    ['a workflow on a schedule', { id: 0, login: 'schedule', kind: 'bot' }, true],
    ['a bot of that name', { id: 8, login: 'schedule[bot]', kind: 'bot' }, false],
    ['an account of that name that is no person', { id: 8, login: 'schedule', kind: 'bot' }, false],
    ['a person of that name', { id: 8, login: 'schedule', kind: 'person' }, false],
    [
      'a person of that name, through an app',
      { id: 8, login: 'schedule', kind: 'person-via-app', app: null },
      false,
    ],
    ['an app of that name', { ...mona, kind: 'person-via-app', app: 'schedule' }, false],
  ] satisfies [string, Author, boolean][])('schedule is a workflow: %s', async (_who, author, allowed) => {
    const rule = createRule({ bots: ['schedule'] });
    const admin = createAuthorAccess({ level: 'admin' });
    expect((await evaluateRule(rule, author, admin)).allowed).toBe(allowed);
    // Nor does it let an app of that name write for those who may.
    const forAdmins = createRule({ permission: 'admin', bots: ['schedule'] });
    const isPerson = author.kind === 'person';
    expect((await evaluateRule(forAdmins, author, admin)).allowed).toBe(allowed || isPerson);
  });

  test('a person with a bot’s name is a person', async () => {
    const person: Author = { ...bot, kind: 'person' };
    await expect(
      evaluateRule(createRule({ bots: ['dependabot[bot]'] }), person, createAuthorAccess({})),
    ).resolves.toMatchObject({
      allowed: false,
    });
  });
});

test('a broken policy allows nothing', async () => {
  const admin = createAuthorAccess({ level: 'admin' });
  for (const { allow } of [closedPolicy.compute, closedPolicy.otherTasks, closedPolicy.locks])
    await expect(evaluateRule(allow, mona, admin)).resolves.toMatchObject({ allowed: false });
});

test('a failed request is an error and never allows anything', async () => {
  const down = () => Promise.reject(new Error('GitHub is down'));
  const access = { getLevel: down, getMembership: down, isPublic: down };
  await expect(
    evaluateRule(createRule({ permission: 'read', everyone: true }), mona, access),
  ).rejects.toThrow('down');
  await expect(evaluateRule(createRule({ teams: ['acme/ops'] }), mona, access)).rejects.toThrow('down');
});

describe('a person through an app', () => {
  const viaRelay: Author = { ...mona, kind: 'person-via-app', app: 'relay' };
  const held = (level: PermissionLevel) => createAuthorAccess({ level, teams: { 'acme/ops': 'member' } });
  const relay = 'relay[bot]';

  test.each([
    ['level', { permission: 'maintain' as const }, 'level-suffices'],
    ['list of users', { users: ['mona'] }, 'user-listed'],
    ['team', { teams: ['acme/ops'] }, 'team-member'],
  ])('is meant by the own %s, and only with the app beside it', async (_how, rule, reason) => {
    const both = await evaluateRule(createRule({ ...rule, bots: [relay] }), viaRelay, held('maintain'));
    expect(both).toMatchObject({ allowed: true, reason });
    const alone = await evaluateRule(
      createRule({ ...rule, bots: ['other[bot]'] }),
      viaRelay,
      held('maintain'),
    );
    expect(alone).toMatchObject({ allowed: false, reason: 'app-not-listed' });
  });

  test('gets no right from the app', async () => {
    for (const rule of [createRule({ bots: [relay] }), createRule({ permission: 'admin', bots: [relay] })]) {
      const decision = await evaluateRule(rule, viaRelay, held('maintain'));
      expect(decision).toMatchObject({
        allowed: false,
        reason: rule.permission ? 'level-too-low' : 'not-listed',
      });
    }
  });

  test('needs that very app', async () => {
    const rule = createRule({ permission: 'read', everyone: true, bots: [relay], users: ['mona'] });
    for (const app of ['other', 'relay2', 'rela', '', 'relay[bot]', null]) {
      const decision = await evaluateRule(rule, { ...viaRelay, app }, held('admin'));
      expect([app, decision.allowed, decision.reason]).toEqual([app, false, 'app-not-listed']);
    }
  });
});
