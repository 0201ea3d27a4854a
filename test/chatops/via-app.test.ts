import { describe, expect, test } from '@jest/globals';
import { handleComment } from '../../chatops/handle-comment.ts';
import type { Author, IncomingComment } from '../../chatops/incoming-comment.ts';
import { parseNotes, getRequester } from '../../chatops/job/index.ts';
import { handleMissedComment } from '../../chatops/handle-missed-comment.ts';
import { handleWorkflowRequest } from '../../chatops/handle-workflow-request.ts';
import { buildComment, buildEdit, people } from '../fixtures/incoming-comments.ts';
import {
  deliver,
  parsePolicy,
  createCommentPorts,
  listStarts,
  type FakeCommentPorts,
} from '../fakes/comment-ports.ts';

/* Comments that a GitHub App writes with a token of a person: they are the person's, and the app has to be allowed too. */

const via = (person: Author, app: string | null = 'relay'): Author => ({
  id: person.id,
  login: person.login,
  kind: 'person-via-app',
  app,
});

const by = (author: Author, body: string, id: number): IncomingComment => buildComment(body, id, { author });

/** The same thread, jobs and locks under another policy. */
const under = (ports: FakeCommentPorts, policy: string): FakeCommentPorts => ({
  ...ports,
  policies: createCommentPorts(policy).policies,
});

const listed = `version: 1
tasks:
  StopVM: {allow: {permission: write, bots: ['relay[bot]']}, approval: {from: {permission: maintain}}}
  Hello: {allow: {permission: write, bots: ['relay[bot]']}}
compute: {allow: {permission: write}}
`;
const delisted = listed.replaceAll(", bots: ['relay[bot]']", '');

const onlyJob = ({ jobs }: FakeCommentPorts) => [...jobs.all.values()].at(-1);

describe('an app that the policy does not list', () => {
  test('gets the person one explanation per thread per day, and 😕 after that', async () => {
    const ports = createCommentPorts();
    const turn = await deliver(by(via(people.octocat), '/compute 5', 9), ports);
    expect([turn.reaction, turn.explained, listStarts(ports)]).toEqual([
      'confused',
      expect.objectContaining({ denied: people.octocat.id }),
      [],
    ]);
    expect(ports.posted()).toMatch(/`relay`[^]*on your behalf/);
    for (const [body, id] of [
      ['/compute 6', 10],
      ['/run Hello who=you', 11],
    ] as const) {
      const later = await deliver(by(via(people.octocat), body, id), ports);
      expect([later.reaction, later.sections]).toEqual(['confused', []]);
    }
    expect(ports.bodies.size).toBe(1);
    // What they write themselves is not affected.
    await deliver(by(people.octocat, '/compute 7', 12), ports);
    expect(listStarts(ports)).toEqual(['/compute 7']);
  });

  const named = `version: 1
tasks:
  '*': {allow: {teams: [acme/ops], users: [octocat], bots: ['other[bot]']}}
  Hello: {limits: {concurrent: 2}}
locks: {allow: {permission: read, everyone: true}}
`;

  test.each([
    ['/compute 5', undefined],
    ['/run Hello who=you', undefined],
    ['/lock vm/web-1', undefined],
    ['/compute 5', named],
    ['/run Hello who=you', named],
    ['/run StopVM VMName=web-1', named],
    ['/lock vm/web-1', named],
  ])('%s: the rule in the explanation is all that it takes (policy: %j)', async (command, policy) => {
    const ports = createCommentPorts(policy);
    await deliver(by(via(people.octocat, 'my-relay'), command, 9), ports);
    expect(ports.posted()).toContain('`my-relay`');
    const [, rule = ''] = /```yaml\n([^]*?)\n```/.exec(ports.posted()) ?? [];
    const whole = policy === undefined ? rule : `version: 1\n${rule}`;
    expect(parsePolicy(whole)).toBeTruthy();
    const after = createCommentPorts(whole);
    const turn = await deliver(by(via(people.octocat, 'my-relay'), command, 9), after);
    expect([command, turn.reaction]).toEqual([command, 'eyes']);
    // It takes nothing from those who are allowed now, and lets nobody else in.
    for (const [author, reaction] of [
      [people.octocat, 'eyes'],
      [via(people.octocat, 'another'), 'confused'],
    ] as const) {
      const { reaction: given } = await deliver(by(author, command, 9), createCommentPorts(whole));
      expect([author, given]).toEqual([author, reaction]);
    }
  });

  test('that GitHub does not name: the explanation names no rule', async () => {
    const ports = createCommentPorts(
      "version: 1\ncompute: {allow: {permission: write, bots: ['null[bot]', 'relay[bot]']}}",
    );
    await deliver(by(via(people.octocat, null), '/compute 5', 9), ports);
    expect(ports.posted()).toContain('GitHub does not say which one');
    expect(ports.posted()).not.toContain('```');
    expect(listStarts(ports)).toEqual([]);
  });

  test('readers’ commands are answered as to any reader', async () => {
    const ports = createCommentPorts();
    const turn = await deliver(by(via(people.octocat), '/help', 9), ports);
    expect([turn.toReader, turn.reaction]).toEqual([true, 'eyes']);
    expect(ports.posted()).toMatch(/`octocat`[^]*`relay`[^]*Tasks that you can run: none/);
    expect((await deliver(by(via(people.octocat), '/help', 10), ports)).sections).toEqual([]);
  });

  test('does not make the second reader work', async () => {
    const ports = { ...createCommentPorts(), secondReader: () => Promise.reject(new Error('asked')) };
    expect((await deliver(by(via(people.mona), '/compute 5', 9), ports)).toReader).toBe(true);
  });

  test('costs no look-up of the person’s rights to be found out', async () => {
    const ports = createCommentPorts(delisted);
    await handleComment(by(via(people.octocat), '/tasks', 9), ports);
    expect(ports.calls.filter((call) => call.startsWith('level'))).toEqual([]);
  });

  test('a word that only resembles a command gets no answer', async () => {
    expect(
      await handleComment(by(via(people.octocat), '/runn Hello', 9), createCommentPorts()),
    ).toBeUndefined();
  });

  test('/explain shows the refusal', async () => {
    const ports = createCommentPorts();
    await deliver(by(via(people.octocat), '/explain compute 5', 9), ports);
    expect(ports.posted()).toMatch(/would be refused[^]*`relay`[^]*- relay\[bot\]/);
  });

  test('of an old comment, the commands to write again are named; a bot’s gets no word', async () => {
    const turn = await handleMissedComment(by(via(people.octocat), '/compute 5', 9), createCommentPorts());
    expect(turn?.sections).toMatchObject([
      { kind: 'refusal', markdown: expect.stringContaining('/compute 5') },
    ]);
    expect(
      await handleMissedComment(by(people.hubot, '/compute 5', 9), createCommentPorts()),
    ).toBeUndefined();
  });

  test('an edit by the person is through the app still', async () => {
    const ports = createCommentPorts();
    const before = by(via(people.octocat), 'Hello', 9);
    const { id, login } = people.octocat;
    const turn = await deliver(buildEdit(before, 'Hello\n/compute 5', { id, login }), ports);
    expect([turn.reaction, listStarts(ports)]).toEqual(['confused', []]);
  });
});

describe('an app that the policy lists', () => {
  test('writes for a person who may: the reply, the job and the audit name both', async () => {
    const ports = createCommentPorts(listed);
    const turn = await deliver(by(via(people.octocat), '/run Hello who=you', 9), ports);
    expect([turn.reaction, turn.toReader, listStarts(ports)]).toEqual([
      'eyes',
      false,
      ['/run Hello who=you'],
    ]);
    expect(ports.posted()).toContain('requested by `octocat` through the GitHub App `relay`');
    const job = onlyJob(ports);
    expect(job && getRequester(job)).toEqual(via(people.octocat));
    expect(ports.audited).toMatchObject([{ who: via(people.octocat), allowed: true }]);
    // Delivered again, or found by a sweep, it is the same job.
    await deliver(by(via(people.octocat), '/run Hello who=you', 9), ports);
    expect(ports.jobs.all.size).toBe(1);
  });

  test('raises nobody’s rights', async () => {
    const ports = createCommentPorts(listed);
    const turn = await deliver(by(via(people.rhea), '/run Hello who=you', 9), ports);
    expect([turn.toReader, listStarts(ports)]).toEqual([true, []]);
    expect(ports.posted()).toMatch(
      /you have \*\*read\*\* access[^]*only on behalf of people who may use the command/,
    );
  });

  test('alone in a rule, allows no person', async () => {
    const ports = createCommentPorts("version: 1\ncompute: {allow: {bots: ['relay[bot]']}}");
    ports.levels['mona'] = 'admin';
    await deliver(by(via(people.mona), '/compute 5', 9), ports);
    expect([ports.posted(), listStarts(ports)]).toEqual([
      expect.stringContaining('The policy does not allow any person to run this command'),
      [],
    ]);
    await deliver(by({ id: 40, login: 'relay[bot]', kind: 'bot' }, '/compute 5', 10), ports);
    expect(listStarts(ports)).toEqual(['/compute 5']);
  });

  test('for one task, writes no other command', async () => {
    const ports = createCommentPorts(listed);
    for (const [body, id] of [
      ['/compute 5', 9],
      ['/lock gate', 10],
    ] as const) {
      const turn = await deliver(by(via(people.octocat), body, id), ports);
      expect([body, turn.reaction]).toEqual([body, 'confused']);
    }
    expect([listStarts(ports), await ports.locks.list('github.com/1')]).toEqual([[], []]);
  });

  test('a bot with the name of another app is that bot', async () => {
    const ports = createCommentPorts(listed);
    expect(await handleComment(by(people.hubot, '/run Hello who=you', 9), ports)).toBeUndefined();
  });
});

describe('what the person has', () => {
  test('an app cancels what the person asked for through it, and nothing else', async () => {
    const ports = createCommentPorts(listed);
    const through = by(via(people.octocat), '/run Hello who=a', 9);
    await deliver(through, ports);
    await deliver(by(people.octocat, '/run Hello who=b', 10), ports);
    const [a, b] = [...ports.jobs.all.keys()] as [string, string];
    const later = under(ports, delisted);
    for (const app of ['relay', 'other', null]) {
      const turn = await deliver(by(via(people.octocat, app), `/cancel ${b}`, 11), later);
      expect([app, turn.reaction]).toEqual([app, 'confused']);
    }
    await deliver(by(via(people.octocat, 'other'), `/cancel ${a}`, 12), later);
    await deliver(by(via(people.octocat, null), `/cancel ${a}`, 13), later);
    expect(ports.jobs.calls.filter((call) => call.startsWith('cancel'))).toEqual([]);
    await deliver(by(via(people.octocat), `/cancel ${a}`, 14), later);
    await deliver(by(people.octocat, `/cancel ${b}`, 15), later);
    expect(ports.jobs.calls.filter((call) => call.startsWith('cancel'))).toHaveLength(2);
  });

  test('an app that may not lock releases no lock of the person', async () => {
    const ports = createCommentPorts(listed);
    await deliver(by(people.octocat, '/lock gate', 9), ports);
    const scope = 'github.com/1';
    const [lock] = await ports.locks.list(scope);
    const unlock = { ...by(via(people.octocat), '/unlock gate', 10) };
    unlock.comment = { ...unlock.comment, createdAt: lock?.holders[0]?.since ?? '' };
    expect((await deliver(unlock, ports)).reaction).toBe('confused');
    expect(await ports.locks.list(scope)).toHaveLength(1);
    const allowed = under(ports, "version: 1\nlocks: {allow: {permission: write, bots: ['relay[bot]']}}");
    expect((await deliver(unlock, allowed)).reaction).toBe('eyes');
    expect(await ports.locks.list(scope)).toEqual([]);
  });

  test('an app retries only what it may run', async () => {
    const ports = createCommentPorts(listed);
    await deliver(by(people.octocat, '/run Hello who=b', 9), ports);
    const job = onlyJob(ports);
    if (job) ports.jobs.all.set(job.id, { ...job, state: 'failed', endedAt: job.createdAt });
    const turn = await deliver(by(via(people.octocat), `/retry ${job?.id}`, 10), under(ports, delisted));
    expect([turn.reaction, ports.jobs.all.size]).toEqual(['confused', 1]);
    await deliver(by(via(people.octocat), `/retry ${job?.id}`, 11), ports);
    expect(ports.jobs.all.size).toBe(2);
  });
});

describe('approvals', () => {
  const asked = async (ports: FakeCommentPorts): Promise<string> => {
    await deliver(by(via(people.octocat), '/run StopVM VMName=web-1', 9), ports);
    const job = onlyJob(ports);
    expect(job).toMatchObject({ state: 'waiting' });
    return (job && parseNotes(job.origin).code) ?? '';
  };

  const withoutApproval = listed.replace(/, approval: .*\}\}\}/, '}');

  test.each([
    ['as long as the policy asks for an approval', listed],
    ['if whoever may run it may approve it', withoutApproval],
  ])('no app approves or rejects, whoever it writes for, %s', async (_when, policy) => {
    const ports = createCommentPorts(listed);
    const code = await asked(ports);
    const now = under(ports, policy);
    expect(parsePolicy(policy).tasks['StopVM']?.approval !== null).toBe(policy === listed);
    for (const command of ['approve', 'reject']) {
      const turn = await deliver(by(via(people.mona), `/${command} ${code}`, 10), now);
      expect([turn.reaction, ports.posted()]).toEqual([
        'confused',
        expect.stringContaining('Only people can approve or reject'),
      ]);
    }
    expect(onlyJob(ports)).toMatchObject({ state: 'waiting', approvals: [] });
  });

  test('the person cannot approve without the app what they asked for through it', async () => {
    const ports = createCommentPorts(listed);
    ports.levels['octocat'] = 'maintain';
    const code = await asked(ports);
    const turn = await deliver(by(people.octocat, `/approve ${code}`, 10), ports);
    expect([turn.reaction, onlyJob(ports)?.state]).toEqual(['confused', 'waiting']);
  });

  test('another person approves, and sees which app wrote the request', async () => {
    const ports = createCommentPorts(listed);
    const code = await asked(ports);
    expect(ports.posted()).toContain(
      "`octocat` through the GitHub App `relay`, who requested it, can't approve it",
    );
    await deliver(by(people.mona, `/approve ${code}`, 10), ports);
    expect(onlyJob(ports)).toMatchObject({ state: 'queued' });
  });

  test.each([
    ['the app is listed no more', delisted, 'write'],
    ['the person lost the right', listed, 'read'],
  ] as const)('nothing goes on once %s', async (_what, policy, held) => {
    const ports = createCommentPorts(listed);
    const code = await asked(ports);
    ports.levels['octocat'] = held;
    const turn = await deliver(by(people.mona, `/approve ${code}`, 10), under(ports, policy));
    expect([turn.reaction, onlyJob(ports)?.state]).toEqual(['confused', 'waiting']);
    expect(ports.posted()).toContain('is no longer allowed to run this');
  });

  test('what a workflow on a schedule asked for can be approved', async () => {
    const ports = createCommentPorts(
      'version: 1\ntasks: {Hello: {allow: {bots: [schedule]}, approval: {from: {permission: maintain}}}}',
    );
    const step = { run: '5', job: 'nightly', step: '__self', attempt: 1, key: '' };
    await handleWorkflowRequest(
      {
        host: 'github.com',
        repository: { id: 1, name: 'acme/ops' },
        step,
        execution: null,
        actor: 'schedule',
        command: '/run Hello who=you',
        parameters: {},
        replyTo: null,
      },
      ports,
    );
    const job = onlyJob(ports);
    const code = job && parseNotes(job.origin).code;
    await deliver(by(people.mona, `/approve ${code}`, 10), ports);
    expect(onlyJob(ports)).toMatchObject({ state: 'queued' });
  });
});
