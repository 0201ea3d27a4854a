import { describe, expect, jest, test } from '@jest/globals';
import { buildComment, people } from '../../fixtures/incoming-comments.ts';
import {
  deliver,
  defaultHead,
  createCommentPorts,
  listStarts,
  stopVm,
  type FakeCommentPorts,
} from '../../fakes/comment-ports.ts';

const requested = ({ jobs }: FakeCommentPorts) => [...jobs.requests.values()].at(-1);

describe('the request', () => {
  test('of a computation says what was written, and where it comes from', async () => {
    const ports = createCommentPorts();
    await deliver(buildComment('/compute 10 blockSize=5 samples=7'), ports);
    expect(requested(ports)).toMatchObject({
      kind: 'compute',
      inputCount: 10,
      blockSize: 5,
      parameters: { samples: '7' },
      origin: {
        host: 'github.com',
        repository: { id: 1, name: 'acme/ops' },
        thread: { number: 7, kind: 'issue' },
        comment: { id: 9, createdAt: '2026-03-01T12:00:09Z', index: 0 },
        sender: 'octocat',
        installation: 3,
        command: '/compute 10 blockSize=5 samples=7',
        notes: { requester: 1, notify: 'long', policy: null },
      },
    });
    expect(requested(ports)?.conditions).toBeUndefined();
  });

  test('of a task; secret values are masked wherever they are shown', async () => {
    const ports = createCommentPorts();
    await deliver(buildComment('/run StopVM VMName=web-1 Token=hunter2'), ports);
    const request = requested(ports);
    expect(request).toMatchObject({
      kind: 'task',
      taskName: 'StopVM',
      parameters: [
        { name: 'Token', value: 'hunter2' },
        { name: 'VMName', value: 'web-1' },
      ],
    });
    expect(request?.origin?.command).toBe('/run StopVM Token=*** VMName=web-1');
    expect(JSON.stringify([request?.origin, ports.posted(), ports.audited])).not.toContain('hunter2');
  });

  test('an entry without an installation names none', async () => {
    const ports = createCommentPorts();
    await deliver(buildComment('/compute 1', 9, { installation: null }), ports);
    expect(requested(ports)?.origin).not.toHaveProperty('installation');
  });
});

const policy = `version: 1
tasks:
  StopVM:
    allow: {permission: maintain, users: [octocat]}
    parameters: {VMName: {pattern: 'web-[0-9]+'}}
    lock: {key: 'vm/\${VMName}', when: refuse}
    limits: {timeout: 1h, concurrent: 2}
  '*': {allow: {}}
compute: {limits: {inputs: 100, timeout: 10m}}
`;

describe('under a policy', () => {
  test('locks, places among the jobs of the task, and the timeout go with the request', async () => {
    const ports = createCommentPorts(policy);
    await deliver(buildComment('/run StopVM VMName=web-1'), ports);
    expect(requested(ports)).toMatchObject({
      timeoutSeconds: 3600,
      conditions: {
        locks: [
          { scope: 'github.com/1', key: 'vm/web-1', slots: 1, whenTaken: 'refuse' },
          { scope: 'github.com/1#concurrent', key: 'task/stopvm', slots: 2, whenTaken: 'queue' },
        ],
      },
      origin: { notes: { policy: 'c'.repeat(40) } },
    });
  });

  test.each([
    ['/run StopVM VMName=db-1', /VMName[^]*web-\[0-9\]\+/],
    ['/run Hello who=me', /`\/run Hello`/],
    ['/compute 101', /100/],
    ['/compute 10 timeout=11m', /600/],
  ])('%s is refused, and the reply says why', async (command, says) => {
    const ports = createCommentPorts(policy);
    const turn = await deliver(buildComment(command), ports);
    expect([turn.reaction, listStarts(ports)]).toEqual(['confused', []]);
    expect(ports.posted()).toMatch(says);
  });

  test('a rule for a parameter that the task has not, mistyped perhaps, lets nothing pass', async () => {
    const ports = createCommentPorts(
      "version: 1\ntasks: {StopVM: {parameters: {vmname: {pattern: 'web-[0-9]+'}}}}",
    );
    const turn = await deliver(buildComment('/run StopVM VMName=db-1'), ports);
    expect([turn.reaction, listStarts(ports)]).toEqual(['confused', []]);
    expect(ports.posted()).toContain('vmname');
  });

  test('rules hold for what /compute itself is given; what is not given is not allowed by them', async () => {
    const ports = createCommentPorts(
      'version: 1\ncompute: {parameters: {algorithm: {allowed: [statistics]}}}',
    );
    for (const [n, command] of ['/compute 5', '/compute 5 algorithm=other'].entries()) {
      expect((await deliver(buildComment(command, 20 + n), ports)).reaction).toBe('confused');
    }
    await deliver(buildComment('/compute 5 algorithm=statistics', 22), ports);
    expect(listStarts(ports)).toEqual(['/compute 5 algorithm=statistics']);
  });

  test('the definition and script that were looked at are the only ones that may run', async () => {
    const ports = createCommentPorts(policy);
    const digests = { definition: '1'.repeat(64), script: '2'.repeat(64) };
    const jobs = {
      ...ports.jobs,
      tasks: async () => ({ v: 1 as const, tasks: [{ ...stopVm, digests }], invalid: [] }),
    };
    await deliver(buildComment('/run StopVM VMName=web-1'), { ...ports, jobs });
    expect(requested(ports)).toMatchObject({ pin: digests, origin: { notes: { script: digests.script } } });
    const first = ports.audited.at(-1)?.request;
    const other = { ...digests, script: '3'.repeat(64) };
    const changed = {
      ...ports.jobs,
      tasks: async () => ({ v: 1 as const, tasks: [{ ...stopVm, digests: other }], invalid: [] }),
    };
    await deliver(buildComment('/explain run StopVM VMName=web-1', 10), { ...ports, jobs: changed });
    expect(ports.audited.at(-1)?.request).not.toBe(first);
  });

  test('the shorter timeout holds', async () => {
    const ports = createCommentPorts(policy);
    await deliver(buildComment('/compute 10 timeout=5m'), ports);
    expect(requested(ports)?.timeoutSeconds).toBe(300);
    await deliver(buildComment('/compute 10', 10), ports);
    expect(requested(ports)?.timeoutSeconds).toBe(600);
  });
});

describe('inputs from the repository', () => {
  const file = { outcome: 'read', text: '1\n2\n3\n' } as const;
  const onPull = { thread: { ...buildComment('').thread, kind: 'pull-request' } } as const;

  test('on an issue: the head of the default branch, shown with its commit', async () => {
    const ports = createCommentPorts();
    ports.files.at[`data/in.jsonl@${defaultHead}`] = file;
    await deliver(buildComment('/compute inputs=data/in.jsonl algorithm=statistics'), ports);
    expect(requested(ports)).toMatchObject({
      inputCount: 3,
      inputs: { sha256: 'f'.repeat(64) },
      origin: { notes: { inputs: { path: 'data/in.jsonl', commit: defaultHead } } },
    });
    expect(ports.posted()).toContain(defaultHead.slice(0, 7));
  });

  test('on a pull request: nothing without the commit, and the ready command', async () => {
    const ports = createCommentPorts();
    const ready = `/compute inputs=in.jsonl@${ports.files.pull}`;
    ports.files.at[`in.jsonl@${ports.files.pull}`] = file;
    await deliver(buildComment('/compute inputs=in.jsonl', 9, onPull), ports);
    expect([listStarts(ports), ports.posted()]).toEqual([[], expect.stringContaining(`\`${ready}\``)]);
    const older = '1'.repeat(40);
    await deliver(buildComment(`/compute inputs=in.jsonl@${older}`, 10, onPull), ports);
    expect([listStarts(ports), ports.posted()]).toEqual([[], expect.stringContaining(`\`${ready}\``)]);
    await deliver(buildComment(ready, 11, onPull), ports);
    expect(listStarts(ports)).toEqual([ready]);
  });

  test('on an issue a commit that is named has to be the head of the default branch: others may be of a fork', async () => {
    const ports = createCommentPorts();
    const fork = '1'.repeat(40);
    ports.files.at[`in.jsonl@${fork}`] = file;
    ports.files.at[`in.jsonl@${defaultHead}`] = file;
    await deliver(buildComment(`/compute inputs=in.jsonl@${fork}`), ports);
    expect(listStarts(ports)).toEqual([]);
    expect(ports.posted()).toContain(`\`/compute inputs=in.jsonl@${defaultHead}\``);
    await deliver(buildComment(`/compute inputs=in.jsonl@${defaultHead}`, 10), ports);
    expect(listStarts(ports)).toHaveLength(1);
  });

  test.each(['not-found', 'folder', 'symlink', 'submodule', 'lfs-pointer', 'too-large', 'not-text'] as const)(
    'a file that is %s is refused',
    async (outcome) => {
      const ports = createCommentPorts();
      ports.files.at[`in.jsonl@${defaultHead}`] = { outcome, bytes: 12_000_000 };
      const turn = await deliver(buildComment('/compute inputs=in.jsonl'), ports);
      expect([turn.reaction, listStarts(ports), ports.jobs.calls.includes('inputs')]).toEqual([
        'confused',
        [],
        false,
      ]);
      expect(ports.posted()).toContain('in.jsonl');
    },
  );

  test('what is wrong in a line is told with its number', async () => {
    const ports = createCommentPorts();
    ports.files.at[`in.jsonl@${defaultHead}`] = file;
    const problem = { code: 'invalid-json', field: 'line 2', message: 'm', expected: 'JSON', received: 'x' };
    const jobs = { ...ports.jobs, putInputs: async () => ({ outcome: 'refused', problem }) as const };
    await deliver(buildComment('/compute inputs=in.jsonl'), { ...ports, jobs });
    expect(ports.posted()).toContain('line 2');
  });
});

describe('/explain', () => {
  test('reads no file for who may not have it worked on', async () => {
    const ports = createCommentPorts();
    const read = jest.fn<typeof ports.files.read>();
    const files = { ...ports.files, read };
    await deliver(buildComment('/explain compute inputs=in.jsonl', 9, { author: people.rhea }), {
      ...ports,
      files,
    });
    expect([read.mock.calls, ports.posted()]).toEqual([[], expect.stringContaining('write')]);
  });

  test('says what would run, and runs nothing', async () => {
    const ports = createCommentPorts(policy);
    await deliver(buildComment('/lock vm/web-1 reason=maintenance', 8, { author: people.mona }), ports);
    await deliver(buildComment('/explain run StopVM VMName=web-1 Token=hunter2'), ports);
    expect([listStarts(ports), ports.jobs.all.size]).toEqual([[], 0]);
    expect(ports.posted()).toMatch(/azure-cli[^]*vm\/web-1[^]*/);
    expect(ports.posted()).toMatch(/maintenance|mona/);
    expect(ports.posted()).not.toContain('hunter2');
  });

  test('says why it would be refused', async () => {
    const ports = createCommentPorts(policy);
    await deliver(buildComment('/explain run StopVM VMName=db-1'), ports);
    expect(ports.posted()).toContain('VMName');
    await deliver(buildComment('/explain /compute 10', 10, { author: people.rhea }), ports);
    expect([listStarts(ports), ports.posted()]).toEqual([[], expect.stringMatching(/write/)]);
  });

  test('does not say of a decision on a job that it would be carried out', async () => {
    const ports = createCommentPorts(policy);
    await deliver(buildComment('/explain approve 0123456789', 10, { author: people.rhea }), ports);
    expect(ports.posted()).toContain('can be used by anyone whom the policy allows to approve it');
    await deliver(buildComment('/explain tasks', 11, { author: people.rhea }), ports);
    expect(ports.posted()).toContain('would be carried out');
  });
});

describe('the heading shows the command', () => {
  const getHeading = (ports: FakeCommentPorts): string => /\*\*(`.*`)\*\*/.exec(ports.posted())?.[1] ?? '';

  test.each([
    ['/compute 5 samples=7 seed=1', '`/compute 5 samples=7 seed=1`'],
    ['/Compute 5 seed=1  samples="7"', '`/Compute 5 seed=1 samples="7"`'],
    [`/cox run Hello who='me and you'`, "`/cox run Hello who='me and you'`"],
    ['/run StopVM Token="hunter2" VMName=web-1', '`/run StopVM Token=*** VMName=web-1`'],
    ['/compute <!-- quietly --> 5', '`/compute 5`'],
    [`/run Hello who="${'x'.repeat(400)}"`, expect.stringContaining('/run Hello who=xxx')],
  ])('%j as it was written', async (body, heading) => {
    const ports = createCommentPorts();
    await deliver(buildComment(body, 1), ports);
    expect(getHeading(ports)).toEqual(heading);
    const [job] = ports.jobs.all.values();
    expect(job?.origin.command).not.toContain('hunter2');
  });

  test('in its canonical form if it needs approval, because the approver decides on exactly that', async () => {
    const ports = createCommentPorts(
      'version: 1\ntasks: {Hello: {approval: {from: {permission: maintain}}}}',
    );
    await deliver(buildComment('/run Hello who="me"', 1), ports);
    expect(getHeading(ports)).toBe('`/run Hello who=me`');
  });

  test('as it was written, also where the policy refuses it, with what it received', async () => {
    const ports = createCommentPorts(
      'version: 1\ntasks: {StopVM: {parameters: {VMName: {pattern: "web-[0-9]+"}, Token: {pattern: "[a-z]+"}}}}',
    );
    await deliver(buildComment('/run StopVM VMName="db-1" Token=hunter2', 1), ports);
    expect(getHeading(ports)).toBe('`/run StopVM VMName="db-1" Token=***`');
    expect(ports.posted()).toContain('received `db-1`');
    expect(ports.posted()).toContain('received `***`');
    expect(ports.posted()).not.toContain('hunter2');
  });
});
