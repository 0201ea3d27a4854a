import { describe, expect, test } from '@jest/globals';
import { parseNotes } from '../../chatops/job/index.ts';
import { renderJobSection } from '../../chatops/reply/job-section.ts';
import type { Job } from '../../compute/client/index.ts';
import { handleWorkflowRequest, type WorkflowRequest } from '../../chatops/handle-workflow-request.ts';
import { people } from '../fixtures/incoming-comments.ts';
import { createMemoryJobs } from '../fakes/memory-jobs.ts';
import { hello, createCommentPorts, listStarts, type FakeCommentPorts } from '../fakes/comment-ports.ts';

const request = (changes: Partial<WorkflowRequest> = {}, attempt = 1): WorkflowRequest => ({
  host: 'github.com',
  repository: { id: 1, name: 'acme/ops' },
  step: { run: '77', job: 'stop', step: '__coxswain', attempt, key: '' },
  execution: null,
  actor: people.octocat,
  command: '/run Hello',
  parameters: { who: 'me' },
  replyTo: null,
  ...changes,
});

const jobs = ({ jobs: { all } }: FakeCommentPorts) => [...all.values()];

/** Ends the newest job. */
const end = (ports: FakeCommentPorts, state: 'completed' | 'failed'): void => {
  const job = jobs(ports).at(-1);
  if (job) ports.jobs.all.set(job.id, { ...job, state, endedAt: '2026-03-01T13:00:00Z' });
};

describe('a workflow that asks', () => {
  test('starts a job that names its run, under the policy', async () => {
    const ports = createCommentPorts();
    const outcome = await handleWorkflowRequest(request(), ports);
    expect(outcome).toMatchObject({ says: { kind: 'job' }, outcome: 'started' });
    const [job] = jobs(ports);
    expect(job?.origin).toMatchObject({ sender: 'octocat', workflow: { run: '77', step: '__coxswain' } });
    expect([job?.origin.comment, job?.origin.thread]).toEqual([undefined, undefined]);
    expect(parseNotes(job?.origin ?? {}).requester).toBe(1);
    expect(ports.audited).toMatchObject([{ what: '/run Hello', outcome: 'started', job: job?.id }]);
  });

  test('gives each value as it is: nothing in it is read as an argument', async () => {
    const ports = createCommentPorts();
    const value = 'web-1 Force=true\n/compute 5\n"';
    await handleWorkflowRequest(request({ parameters: { who: value } }), ports);
    expect([...ports.jobs.requests.values()]).toMatchObject([{ parameters: [{ name: 'who', value }] }]);
  });

  test('twice the same: one job; another step, another key, another run: another job', async () => {
    const ports = createCommentPorts();
    const { step } = request();
    for (const changes of [{}, { job: 'b' }, { step: 'c' }, { key: 'd' }, { run: '78' }, {}])
      await handleWorkflowRequest(request({ step: { ...step, ...changes } }), ports);
    expect(jobs(ports)).toHaveLength(5);
  });

  test('a line break in a value makes no other request’s id', async () => {
    const ports = createCommentPorts();
    const { step } = request();
    await handleWorkflowRequest(request({ parameters: { who: 'a\nb' }, step: { ...step, key: 'c' } }), ports);
    await handleWorkflowRequest(request({ parameters: { who: 'a' }, step: { ...step, key: 'b\nc' } }), ports);
    expect(jobs(ports)).toHaveLength(2);
  });
});

test('mistakes are told without places: the command is one line, and its values stand elsewhere', async () => {
  const ports = createCommentPorts();
  for (const changes of [
    { parameters: { whom: 'me' } },
    { command: '/run Helo' },
    { command: '/run Hello who=a', parameters: { who: 'b' } },
    { command: '/lock a', parameters: {} },
    { command: '' },
  ]) {
    const { says } = await handleWorkflowRequest(request(changes), ports);
    expect(says).toMatchObject({ kind: 'refusal', markdown: expect.not.stringContaining('Line 1') });
  }
});

test('mistakes in the command show the line to copy; mistakes in the other parameters leave it as it is', async () => {
  const ports = createCommentPorts();
  const refuse = async (changes: Partial<WorkflowRequest>) => {
    const { says } = await handleWorkflowRequest(request(changes), ports);
    return says.kind === 'refusal' ? says.markdown : undefined;
  };
  const command = '/run StopVM';
  expect(await refuse({ command, parameters: {} })).toContain(
    'Complete this line, and try again:\n\n```text\n/run StopVM VMName=\n```',
  );
  expect(await refuse({ command: '/run StopVM Vmname=web-1', parameters: { Token: 'hunter2' } })).toMatch(
    /`VMName`\?.*```text\n\/run StopVM VMName=\n```/s,
  );
  expect(await refuse({ command, parameters: { vmname: 'web-1' } })).not.toContain('```');
});

test('a prefix that comments need may be left out', async () => {
  const ports = createCommentPorts('version: 1\nprefix: {name: ops, required: true}');
  expect(await handleWorkflowRequest(request(), ports)).toMatchObject({ outcome: 'started' });
  const spoken = request({ command: '/ops run Hello', step: { ...request().step, key: 'b' } });
  expect(await handleWorkflowRequest(spoken, ports)).toMatchObject({ outcome: 'started' });
});

describe('two steps of a run that ask for the same job', () => {
  const call = (execution: string, attempt = 1) => request({ execution, parameters: { who: 'me' } }, attempt);

  test('start one job; the second step is refused, and neither gets the job in a later attempt', async () => {
    const ports = createCommentPorts();
    expect(await handleWorkflowRequest(call('a'), ports)).toMatchObject({ outcome: 'started' });
    expect(await handleWorkflowRequest(call('b'), ports)).toMatchObject({
      says: { kind: 'refusal' },
      reason: 'called-twice',
    });
    end(ports, 'completed');
    for (const attempt of [2, 3, 11])
      expect(await handleWorkflowRequest(call(`c${attempt}`, attempt), ports)).toMatchObject({
        reason: 'called-twice',
      });
    expect(jobs(ports)).toHaveLength(1);
  });

  test('a step that is restarted or re-run continues with its job', async () => {
    const ports = createCommentPorts();
    await handleWorkflowRequest(call('a'), ports);
    expect(await handleWorkflowRequest(call('a'), ports)).toMatchObject({ outcome: 'known' });
    expect(await handleWorkflowRequest(call('b', 2), ports)).toMatchObject({ outcome: 'known' });
    expect(jobs(ports)).toHaveLength(1);
  });
});

describe('a later attempt', () => {
  test('goes on with a job that runs, or has completed', async () => {
    const ports = createCommentPorts();
    await handleWorkflowRequest(request(), ports);
    expect(await handleWorkflowRequest(request({}, 2), ports)).toMatchObject({ outcome: 'known' });
    end(ports, 'completed');
    expect(await handleWorkflowRequest(request({}, 3), ports)).toMatchObject({ outcome: 'known' });
    expect(jobs(ports)).toHaveLength(1);
  });

  test('starts anew after one that ended otherwise, once', async () => {
    const ports = createCommentPorts();
    await handleWorkflowRequest(request(), ports);
    end(ports, 'failed');
    expect(await handleWorkflowRequest(request({}, 1), ports)).toMatchObject({ outcome: 'known' });
    expect(await handleWorkflowRequest(request({}, 2), ports)).toMatchObject({ outcome: 'started' });
    expect(await handleWorkflowRequest(request({}, 2), ports)).toMatchObject({ outcome: 'known' });
    expect(await handleWorkflowRequest(request({}, 3), ports)).toMatchObject({ outcome: 'known' });
    expect(jobs(ports)).toHaveLength(2);
  });

  test('is held against the policy of now', async () => {
    const ports = createCommentPorts();
    await handleWorkflowRequest(request(), ports);
    ports.levels['octocat'] = 'read';
    expect(await handleWorkflowRequest(request({}, 2), ports)).toMatchObject({ reason: 'level-too-low' });
  });
});

describe('a value that an approver must read', () => {
  const policy = 'version: 1\ntasks: {Hello: {approval: {from: {permission: maintain}}}}';
  const shownTo = async (who: string) => {
    const ports = createCommentPorts(policy);
    const outcome = await handleWorkflowRequest(request({ parameters: { who } }), ports);
    const [job] = jobs(ports);
    const waiting: Job['waiting'] = {
      for: 'approval',
      code: 'k3x9q2m7pa',
      count: 1,
      requester: { id: '1', name: 'octocat' },
      expiresAt: '2026-03-02T12:00:00Z',
    };
    const section = (room: number) =>
      job &&
      renderJobSection(
        { ...job, request: { parameters: { who } }, state: 'waiting', waiting },
        { isPublic: true, maxLength: room },
      );
    return { outcome, section, requests: [...ports.jobs.requests.values()] };
  };

  test.each([
    ['web-1\u001b]0; and the database\u0007', '`web-1⟨U+001B⟩]0; and the database⟨U+0007⟩`'],
    ['web-1\nand the database', '`web-1⟨U+000A⟩and the database`'],
    ['web-1\u{e0020}\u{e0061}', '`web-1⟨U+E0020⟩⟨U+E0061⟩`'],
  ])('%j is what runs, and shows each character in command and table', async (who, shown) => {
    const { requests, section } = await shownTo(who);
    expect(requests).toMatchObject([{ parameters: [{ name: 'who', value: who }] }]);
    expect(section(60_000)).toContain(`| \`who\` | ${shown} |`);
    expect(section(60_000)?.split('\n')[0]).toContain(shown.slice(1, -1));
    expect(section(60_000)).toContain('characters that are shown as code points');
  });

  test.each([
    [
      '\u0441\u043e\u0441\u043e',
      'The value of who contains characters that look like others, U+0441, U+043E',
    ],
    ['web\u20101', 'The value of who contains characters that look like others, U+2010'],
    ['\u05d0 and \u05d1', 'contains right-to-left letters, so its parts may appear in another order'],
    ['w\u0435b', 'The value of who mixes Latin and Cyrillic letters'],
  ])('%j has a warning', async (who, warning) => {
    const { section } = await shownTo(who);
    expect(section(60_000)).toContain(warning);
    expect((await shownTo('web-1')).section(60_000)).not.toContain('⚠️');
  });

  test('has no code beside it if it does not fit', async () => {
    const { section } = await shownTo('x'.repeat(1_000));
    expect(section(60_000)).toContain('/approve k3x9q2m7pa');
    expect(section(3_000)).toContain('has no room to show exactly');
    expect(section(3_000)).not.toContain('k3x9q2m7pa');
  });

  test('is refused if it would be masked', async () => {
    const { outcome, requests } = await shownTo('web-1&sig=and-the-database');
    expect(outcome).toMatchObject({ says: { kind: 'refusal' }, reason: 'looks-secret' });
    expect(requests).toEqual([]);
  });

  test('is refused if all values together do not fit a reply', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const scriptParameters = names.map((parameterName) => ({
      parameterName,
      parameterType: 'string' as const,
      required: false,
      secret: false,
    }));
    const ports = { ...createCommentPorts(policy), jobs: createMemoryJobs([{ ...hello, scriptParameters }]) };
    const parameters = Object.fromEntries(names.map((name) => [name, '\u0007'.repeat(1_000)]));
    const outcome = await handleWorkflowRequest(request({ parameters }), ports);
    expect(outcome).toMatchObject({ says: { kind: 'refusal' }, reason: 'too-long-to-approve' });
    expect(jobs(ports)).toEqual([]);
  });

  test('is accepted unchanged if no approval is needed', async () => {
    const ports = createCommentPorts();
    await handleWorkflowRequest(request({ parameters: { who: 'web-1&sig=and-the-database' } }), ports);
    expect(jobs(ports)).toHaveLength(1);
  });
});

describe('refused, with the reason', () => {
  test('a schedule that the policy does not name; one that it names starts', async () => {
    const ports = createCommentPorts();
    expect(await handleWorkflowRequest(request({ actor: 'schedule' }), ports)).toMatchObject({
      reason: 'bot-not-listed',
    });
    const named = createCommentPorts('version: 1\ntasks: {Hello: {allow: {bots: [schedule]}}}');
    expect(await handleWorkflowRequest(request({ actor: 'schedule' }), named)).toMatchObject({
      outcome: 'started',
    });
  });

  test.each([
    ['', 'empty'],
    ['/run Hello who=a\n/compute 5', 'One command'],
    ['run Hello', 'begins with a slash'],
    ['/cancel', 'run or compute'],
    ['/run Hello who=you', 'who'],
    ['/run Nope', 'StopVM'],
  ])('the command %j', async (command, says) => {
    const ports = createCommentPorts();
    const { says: told } = await handleWorkflowRequest(request({ command }), ports);
    expect(told).toMatchObject({ kind: 'refusal', markdown: expect.stringContaining(says) });
    expect(listStarts(ports)).toEqual([]);
  });

  test('a value that the policy does not allow', async () => {
    const ports = createCommentPorts("version: 1\ntasks: {Hello: {parameters: {who: {pattern: '[a-z]+'}}}}");
    expect(
      await handleWorkflowRequest(request({ parameters: { who: 'web-1 Force=true' } }), ports),
    ).toMatchObject({
      reason: 'pattern-mismatch',
    });
  });
});
