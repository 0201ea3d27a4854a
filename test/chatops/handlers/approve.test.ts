import { describe, expect, test } from '@jest/globals';
import { shortenJobId } from '../../../contracts/ids.ts';
import type { IncomingComment } from '../../../chatops/incoming-comment.ts';
import { parseNotes } from '../../../chatops/job/index.ts';
import { buildComment, buildEdit, people } from '../../fixtures/incoming-comments.ts';
import { deliver, createCommentPorts, type FakeCommentPorts } from '../../fakes/comment-ports.ts';

const policy = `version: 1
tasks:
  StopVM:
    allow: {permission: write}
    approval: {from: {permission: maintain, teams: [acme/oncall]}, expires: 4h}
`;

const asked = async (ports: FakeCommentPorts, id: number, vm = 'web-1'): Promise<string> => {
  await deliver(buildComment(`/run StopVM VMName=${vm}`, id), ports);
  const job = [...ports.jobs.all.values()].at(-1);
  return (job && parseNotes(job.origin).code) ?? '';
};

const by = (author: IncomingComment['author'], body: string, id: number): IncomingComment =>
  buildComment(body, id, { author });

const states = ({ jobs }: FakeCommentPorts): string[] => [...jobs.all.values()].map(({ state }) => state);

describe('a request for approval', () => {
  test('waits, prints its code and what exactly would run, and mentions who may approve', async () => {
    const ports = createCommentPorts(policy);
    const code = await asked(ports, 9);
    expect(code).toMatch(/^[0-9a-z]{10}$/);
    expect(states(ports)).toEqual(['waiting']);
    expect(ports.posted()).toContain(`/approve ${code}`);
    expect(ports.posted()).toMatch(/@acme\/oncall[^]*web-1|web-1[^]*@acme\/oncall/);
    expect(ports.posted()).toContain('azure-cli');
  });

  test('the same text twice: two codes, and an approval meant for the first lets only the first go on', async () => {
    const ports = createCommentPorts(policy);
    const first = await asked(ports, 9);
    const second = await asked(ports, 10);
    expect(second).not.toBe(first);
    await deliver(by(people.mona, `/approve ${first}`, 11), ports);
    expect(states(ports)).toEqual(['queued', 'waiting']);
  });

  test('letters of two scripts in a value are flagged', async () => {
    const ports = createCommentPorts(policy);
    await asked(ports, 9, 'wеb-1');
    expect(ports.posted()).toMatch(/Cyrillic/);
  });
});

describe('/approve', () => {
  test('by who may: the request goes on, and the answer is the same when it is delivered again', async () => {
    const ports = createCommentPorts(policy);
    const code = await asked(ports, 9);
    const comment = by(people.mona, `/approve ${code}`, 10);
    const turn = await deliver(comment, ports);
    expect([turn.reaction, states(ports)]).toEqual(['eyes', ['queued']]);
    const again = await deliver(comment, ports);
    expect(again.sections).toEqual(turn.sections);
    // The reply was lost, and the comment is delivered again.
    ports.bodies.delete(Math.max(...ports.bodies.keys()));
    expect((await deliver(comment, ports)).reaction).toBe('eyes');
  });

  test('without a code: nothing is approved, and what waits is listed', async () => {
    const ports = createCommentPorts(policy);
    const code = await asked(ports, 9);
    await deliver(by(people.mona, '/approve', 10), ports);
    expect([states(ports), ports.posted()]).toEqual([['waiting'], expect.stringContaining(code)]);
  });

  test.each([
    ['the requester, who might approve others', { ...people.octocat, login: 'octocat' }, 'maintain'],
    ['somebody without the right', people.rhea, 'write'],
  ] as const)('by %s: refused', async (_who, author, level) => {
    const ports = createCommentPorts(policy);
    const code = await asked(ports, 9);
    ports.levels[author.login] = level;
    const turn = await deliver(by(author, `/approve ${code}`, 10), ports);
    expect([turn.reaction, states(ports)]).toEqual(['confused', ['waiting']]);
  });

  test('by a member of the team', async () => {
    const ports = createCommentPorts(policy);
    const code = await asked(ports, 9);
    ports.teams['acme/oncall'] = ['rhea'];
    await deliver(by(people.rhea, `/approve ${code}`, 10), ports);
    expect(states(ports)).toEqual(['queued']);
  });

  test('on another thread, however many jobs of other repositories wait', async () => {
    const ports = createCommentPorts(policy);
    const code = await asked(ports, 9);
    const [[id, job] = ['', undefined]] = ports.jobs.all;
    for (let n = 0; n < 50; n += 1) {
      const other = `job-${String(n).padStart(32, '0')}`;
      const origin = { ...job?.origin, repository: { id: 2, name: 'acme/other' } };
      if (job) ports.jobs.all.set(other, { ...job, id: other, origin, createdAt: '2026-03-01T13:00:00Z' });
    }
    const elsewhere = { ...buildComment('').thread, number: 8 };
    await deliver({ ...by(people.mona, `/approve ${code}`, 10), thread: elsewhere }, ports);
    expect(ports.jobs.all.get(id)?.state).toBe('queued');
  });

  test('by a program, even one that the policy lets approve: refused', async () => {
    const ports = createCommentPorts(`${policy}compute: {allow: {bots: ["hubot[bot]"]}}\n`);
    const code = await asked(ports, 9);
    await deliver(by(people.hubot, `/approve ${code}`, 10), ports);
    expect(states(ports)).toEqual(['waiting']);
  });

  test('by an edit: refused', async () => {
    const ports = createCommentPorts(policy);
    const code = await asked(ports, 9);
    const comment = by(people.mona, 'Looks good', 10);
    await deliver(buildEdit(comment, `/approve ${code}`), ports);
    expect([states(ports), ports.posted()]).toEqual([['waiting'], expect.stringContaining('edited')]);
  });

  test('when the requester has lost the right meanwhile: refused', async () => {
    const ports = createCommentPorts(policy);
    const code = await asked(ports, 9);
    ports.levels['octocat'] = 'read';
    await deliver(by(people.mona, `/approve ${code}`, 10), ports);
    expect(states(ports)).toEqual(['waiting']);
  });

  const laterPolicy = (ports: FakeCommentPorts): FakeCommentPorts => ({
    ...ports,
    policies: {
      load: async () => ({ ...(await ports.policies.load({ id: 1, name: '' })), commit: 'b'.repeat(40) }),
    },
  });

  test('when the policy has changed since the request: refused, for its code stands for the policy of then', async () => {
    const ports = createCommentPorts(policy);
    const code = await asked(ports, 9);
    const turn = await deliver(by(people.mona, `/approve ${code}`, 10), laterPolicy(ports));
    expect([turn.reaction, states(ports)]).toEqual(['confused', ['waiting']]);
    expect(ports.posted()).toContain('The policy has changed');
    expect(ports.audited.at(-1)).toMatchObject({ allowed: false, reason: 'policy-changed' });
  });

  test('in another thread, delivered again after its answer was lost and all else has changed: answered as it was', async () => {
    const ports = createCommentPorts(policy);
    const code = await asked(ports, 9);
    const thread = { ...buildComment('').thread, number: 8 };
    const comment = buildComment(`/approve ${code}`, 10, { author: people.mona, thread });
    await deliver(comment, ports);
    ports.bodies.delete(Math.max(...ports.bodies.keys()));
    ports.levels['octocat'] = 'none';
    expect((await deliver(comment, laterPolicy(ports))).reaction).toBe('eyes');
  });

  test.each(['approve', 'reject'])(
    '/%s of a code that two requests have: nothing is decided',
    async (verb) => {
      const ports = createCommentPorts(policy);
      const code = await asked(ports, 9, 'db-1');
      await asked(ports, 10, 'web-1');
      const [older, newer] = [...ports.jobs.all.values()];
      if (!older || !newer) throw new Error('there are not two jobs');
      // A person who can choose enough of the values finds two requests with the same code in about 2^25 tries.
      const notes = { ...parseNotes(newer.origin), code };
      ports.jobs.all.set(newer.id, { ...newer, origin: { ...newer.origin, notes } });
      const turn = await deliver(
        by(people.mona, `/${verb} ${code} now`.replace(/^(\/approve.*) now$/, '$1'), 11),
        ports,
      );
      expect([turn.reaction, states(ports)]).toEqual(['confused', ['waiting', 'waiting']]);
      for (const { id } of [older, newer]) expect(ports.posted()).toContain(`/cancel ${shortenJobId(id)}`);
      expect(ports.audited.at(-1)).toMatchObject({ allowed: false, reason: 'ambiguous-code' });
      // A key of the repository cannot get in the way of an approval so.
      const startedBy = { kind: 'key', name: 'nightly', entry: false, you: false } as const;
      ports.jobs.all.set(newer.id, { ...newer, startedBy, origin: { ...newer.origin, notes } });
      await deliver(by(people.mona, `/approve ${code}`, 12), ports);
      expect(states(ports)).toEqual(['queued', 'waiting']);
    },
  );

  test('by the requester under another login: who somebody is, the id says', async () => {
    const ports = createCommentPorts(policy);
    const code = await asked(ports, 9);
    ports.levels['octocat-2'] = 'admin';
    const turn = await deliver(by({ ...people.octocat, login: 'octocat-2' }, `/approve ${code}`, 10), ports);
    expect([turn.reaction, states(ports)]).toEqual(['confused', ['waiting']]);
  });

  test('a mistake in it is told to an approver who may run nothing', async () => {
    const ports = createCommentPorts(policy);
    ports.teams['acme/oncall'] = ['rhea'];
    await deliver(by(people.rhea, '/approve "12', 10), ports);
    expect(ports.posted()).toContain('quotation mark is not closed');
    await deliver(by({ id: 5, login: 'stranger', kind: 'person' }, '/approve "12', 11), ports);
    expect(ports.posted()).toContain('you have no access to this repository');
  });

  test('with a code of nothing, or of another repository: not found', async () => {
    const ports = createCommentPorts(policy);
    const code = await asked(ports, 9);
    const thread = { repository: { id: 2, name: 'acme/other' }, number: 7, kind: 'issue' } as const;
    await deliver(buildComment(`/approve ${code}`, 10, { author: people.mona, thread }), ports);
    await deliver(by(people.mona, '/approve 0000000000', 11), ports);
    expect(states(ports)).toEqual(['waiting']);
  });
});

describe('/reject', () => {
  test('by an approver, with a reason', async () => {
    const ports = createCommentPorts(policy);
    const code = await asked(ports, 9);
    const turn = await deliver(by(people.mona, `/reject ${code} not on a Friday`, 10), ports);
    expect([turn.reaction, states(ports)]).toEqual(['eyes', ['canceled']]);
    expect([...ports.jobs.all.values()][0]).toMatchObject({ reason: 'rejected', message: 'not on a Friday' });
  });

  test('by the requester, who has thought better of it', async () => {
    const ports = createCommentPorts(policy);
    const code = await asked(ports, 9);
    await deliver(buildComment(`/reject ${code}`, 10), ports);
    expect(states(ports)).toEqual(['canceled']);
  });

  test('by anybody else: refused', async () => {
    const ports = createCommentPorts(policy);
    const code = await asked(ports, 9);
    await deliver(by(people.rhea, `/reject ${code}`, 10), ports);
    expect(states(ports)).toEqual(['waiting']);
  });
});
