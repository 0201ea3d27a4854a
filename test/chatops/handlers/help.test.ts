import { describe, expect, test } from '@jest/globals';
import { buildComment, people } from '../../fixtures/incoming-comments.ts';
import { deliver, createCommentPorts } from '../../fakes/comment-ports.ts';

const approved = 'version: 1\ntasks: {Hello: {approval: {from: {permission: maintain}}}}\n';
const asked = 'code owners';
const line = '`/.github/coxswain.yml @OWNER/TEAM`';

/** Says something where nobody owns the policy, unless it is said otherwise: the reply, and how often owners were asked for. */
const say = async (
  body: string,
  {
    policy = approved,
    owned = false,
    author = people.octocat,
  }: { policy?: string; owned?: boolean; author?: (typeof people)[keyof typeof people] } = {},
) => {
  const ports = createCommentPorts(policy);
  ports.hasCodeOwner = owned;
  await deliver(buildComment(body, 9, { author }), ports);
  return { text: ports.posted(), asked: ports.calls.filter((call) => call === asked).length };
};

describe('/help, where a policy asks for approvals', () => {
  test('tells members that nobody owns its file', async () => {
    const { text, asked } = await say('/help');
    expect(asked).toBe(1);
    expect(text).toContain(line);
    expect(text).toMatch(/can remove its approvals/);
  });

  test('says nothing if somebody owns it', async () => {
    expect((await say('/help', { owned: true })).text).not.toContain('CODEOWNERS');
  });

  test('says nothing if that is not known', async () => {
    const ports = createCommentPorts(approved);
    ports.hasCodeOwner = undefined;
    await deliver(buildComment('/help'), ports);
    expect(ports.calls).toContain(asked);
    expect(ports.posted()).not.toContain('CODEOWNERS');
  });

  test.each<[string, string, Parameters<typeof say>[1]]>([
    ['to people who may run nothing', '/help', { author: people.rhea }],
    [
      'to people who have write access and may run nothing',
      '/help',
      {
        policy:
          'version: 1\ntasks: {"*": {allow: {permission: admin}, approval: {from: {permission: admin}}}}\n' +
          'compute: {allow: {permission: admin}}\nlocks: {allow: {permission: admin}}\n',
      },
    ],
    [
      'to people who may run something and cannot change the policy',
      '/help',
      {
        policy:
          'version: 1\ntasks: {Hello: {allow: {permission: read, everyone: true}, approval: {from: {permission: admin}}}}\n',
        author: people.rhea,
      },
    ],
    ['about a command', '/help run', {}],
    ['without approvals', '/help', { policy: 'version: 1\n' }],
    ['of a broken policy', '/help', { policy: `${approved}nonsense: 1\n` }],
    ['and to no other command', '/tasks', {}],
    ['to one that starts a job', '/run Hello who=world', {}],
    ['to one that explains', '/explain run Hello who=world', {}],
  ])('asks for nothing and says nothing %s', async (_what, body, more) => {
    const { text, asked } = await say(body, more);
    expect(asked).toBe(0);
    expect(text).not.toContain('CODEOWNERS');
  });
});
