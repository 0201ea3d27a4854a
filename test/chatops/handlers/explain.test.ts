import { describe, expect, test } from '@jest/globals';
import { createBuiltInAlgorithms } from '../../../compute/algorithms/built-in.ts';
import { describeAlgorithms } from '../../../compute/algorithms/describe-algorithms.ts';
import type { ComputeOffer, Job } from '../../../compute/client/index.ts';
import { buildComment, people } from '../../fixtures/incoming-comments.ts';
import {
  createCommentPorts,
  deliver,
  hello,
  stopVm,
  type FakeCommentPorts,
} from '../../fakes/comment-ports.ts';
import { createMemoryJobs } from '../../fakes/memory-jobs.ts';
import { renderRequestTable } from '../../../chatops/reply/request-table.ts';
import { finishedComputeJob, jobId, taskJob } from '../../fixtures/jobs.ts';

const offer: ComputeOffer = {
  defaultAlgorithm: 'monte-carlo-pi',
  algorithms: describeAlgorithms(createBuiltInAlgorithms().values()),
  limits: { inputs: 1_000_000, blocks: 2_000, timeoutSeconds: 7_200 },
};

/** Creates the ports of a repository whose orchestrator says what it computes; an older one does not. */
const createPorts = (compute: ComputeOffer | undefined = offer, policy?: string): FakeCommentPorts => {
  const ports = createCommentPorts(policy);
  const listing = { v: 1, tasks: [hello, stopVm], invalid: [], compute } as const;
  ports.jobs.tasks = () => Promise.resolve({ ...listing, tasks: [...listing.tasks], invalid: [] });
  return ports;
};

const say = async (body: string, ports = createPorts()): Promise<string> => {
  await deliver(buildComment(body), ports);
  return ports.posted();
};

/** Returns a completed computation of this repository that took 140 s. */
const completed = (more: Partial<Job> = {}): Job =>
  finishedComputeJob({
    request: { algorithm: 'monte-carlo-pi', inputCount: 800, parameters: { seed: 0, samples: 1_000 } },
    startedAt: '2026-03-01T10:00:00Z',
    endedAt: '2026-03-01T10:02:20Z',
    createdAt: '2026-03-01T10:00:00Z',
    ...more,
    origin: { ...finishedComputeJob().origin, host: 'github.com', repository: { id: 1, name: 'acme/ops' } },
  });

const keep = (ports: FakeCommentPorts, ...jobs: Job[]): FakeCommentPorts => {
  for (const [n, job] of jobs.entries()) {
    const id = jobId(String(n));
    ports.jobs.all.set(id, { ...job, id });
  }
  return ports;
};

describe('/explain compute', () => {
  test('shows the algorithm, all parameters with defaults, blocks, timeout and an estimate', async () => {
    const text = await say('/explain compute 1000 seed=7', keep(createPorts(), completed()));
    expect(text).toContain(
      '| algorithm | `monte-carlo-pi` (default): Estimates pi from the share of the random points',
    );
    expect(text).toContain('| `seed` | `7` |');
    expect(text).toContain('| `samples` | `1000` (default) |');
    expect(text).toContain('| blocks | 1000, of 1 input each |');
    expect(text).toContain('| timeout | 2 h (default) |');
    expect(text).toContain(
      '| estimated time | about 3 min, as the last run of 800 inputs, with other parameters, took 2 min 20 s |',
    );
  });

  test('estimates from a run with the same parameters first, and not from retries, failures or other repositories', async () => {
    const other = {
      request: { algorithm: 'monte-carlo-pi', inputCount: 1, parameters: { seed: 1, samples: 5 } },
    };
    const foreign = {
      ...completed({ createdAt: '2026-03-01T11:00:00Z' }),
      origin: { host: 'github.com', repository: { id: 2, name: 'acme/other' } },
    };
    const failed = completed({ state: 'failed', createdAt: '2026-03-01T11:00:00Z' });
    const retried = completed({ retryOf: jobId('f'), createdAt: '2026-03-01T11:00:00Z' });
    for (const odd of [foreign, failed, retried])
      expect(await say('/explain compute 800', keep(createPorts(), odd))).not.toContain('estimated time');
    const ports = keep(
      createPorts(),
      completed({ ...other, createdAt: '2026-03-01T11:00:00Z' }),
      completed(),
    );
    expect(await say('/explain compute 80000', ports)).toContain(
      'about 4 h, as the last run of 800 inputs took 2 min 20 s',
    );
    expect(ports.jobs.calls.filter((call) => call === 'page')).toHaveLength(1);
  });

  test.each<[string, ...expected: string[]]>([
    [
      'compute 10 algorithm=monte-carlo',
      '`monte-carlo` is not an algorithm',
      'Did you mean `monte-carlo-pi`?',
    ],
    ['compute 10 sampels=5', 'is not a parameter of monte-carlo-pi', 'Did you mean `samples`?'],
    ['compute 10 samples=2000000', 'Expected an integer from 1 to 1000000, received `2000000`.'],
    ['compute 10 algorithm=statistics', 'statistics needs inputs from a file'],
    ['compute 10 algorithm=exec', 'program', 'is missing'],
    ['compute 1000001', 'There are too many inputs. Expected at most 1000000'],
    ['compute 5000 blockSize=1', 'a blockSize of at least 3'],
  ])('says that %s would be refused, and what to write', async (command, ...expected) => {
    const ports = createPorts();
    const text = await say(`/explain ${command}`, ports);
    for (const part of ['would be refused', ...expected]) expect(text).toContain(part);
    expect(ports.jobs.requests.size).toBe(0);
  });

  test('without the algorithms of an older orchestrator, shows what is known', async () => {
    const text = await say('/explain compute 1000 seed=7 algorithm=score', createCommentPorts());
    expect(text).toContain('| algorithm | `score` |');
    expect(text).toContain('| `seed` | `7` |');
    expect(text).toContain('| timeout | 1 d (default) |');
  });
});

describe('the identity of a task', () => {
  const runner = { identity: 'vm-operator', cpu: 2, memoryGb: 4 };
  const createPortsWithRunner = (policy?: string): FakeCommentPorts => ({
    ...createCommentPorts(policy),
    jobs: createMemoryJobs([{ ...hello, runner }]),
  });

  test('is shown by /explain, with the size of the runner', async () => {
    const text = await say('/explain run Hello who=x', createPortsWithRunner());
    expect(text).toContain('| identity | `vm-operator` |\n| runner | 2 CPUs and 4 GB of memory |');
    expect(await say('/explain run Hello who=x')).not.toMatch(/identity|runner/);
  });

  test('is shown to approvers', async () => {
    const ports = createPortsWithRunner(
      'version: 1\ntasks: {Hello: {approval: {from: {permission: write}}}}',
    );
    await deliver(buildComment('/run Hello who=x'), ports);
    const [job] = [...ports.jobs.all.values()];
    expect(job && renderRequestTable(job)).toContain('| identity | `vm-operator` |');
  });
});

test('/explain run estimates from the last completed run of the task', async () => {
  const ran = taskJob({
    state: 'completed',
    request: { taskName: 'Hello', parameters: [] },
    startedAt: '2026-03-01T10:00:00Z',
    endedAt: '2026-03-01T10:00:38Z',
    origin: { host: 'github.com', repository: { id: 1, name: 'acme/ops' } },
  });
  const text = await say('/explain run Hello who=x', keep(createPorts(), ran));
  expect(text).toContain('| estimated time | about 38 s, as the last run took 38 s |');
  const other = { ...ran, request: { taskName: 'Other', parameters: [] } };
  expect(await say('/explain run Hello who=x', keep(createPorts(), other))).not.toContain('estimated time');
});

test('a computation that the orchestrator refuses names the closest algorithm', async () => {
  const ports = createPorts();
  const problem = {
    code: 'unknown-algorithm',
    field: 'algorithm',
    message: 'm',
    expected: 'one of a, b',
    received: 'monte-carlo',
  };
  ports.jobs.start = async () => ({ outcome: 'refused', problem });
  expect(await say('/compute 10 algorithm=monte-carlo', ports)).toContain('Did you mean `monte-carlo-pi`?');
  expect(ports.audited.at(-1)).toMatchObject({ reason: 'unknown-algorithm' });
});

describe('the request for an approval', () => {
  const policy =
    'version: 1\ntasks: {StopVM: {lock: {key: "vm/${VMName}"}, approval: {from: {permission: maintain}}}}\n';

  test('shows the lock that the job will wait for, and who held it then', async () => {
    const ports = createPorts(offer, policy);
    await deliver(buildComment('/lock vm/web-1 reason=new disks', 8, { author: people.mona }), ports);
    await deliver(buildComment('/run StopVM VMName=web-1'), ports);
    const [job] = ports.jobs.all.values();
    expect(job?.origin['notes']).toMatchObject({
      locks: [{ key: 'vm/web-1', slots: null, holders: [{ kind: 'person' }], more: 0, elsewhere: 0 }],
    });
  });

  test('without an approval, looks up no lock', async () => {
    const ports = createPorts(offer, policy.replace(/, approval.*(?=\}\})/, ''));
    ports.locks.list = () => Promise.reject(new Error('looked up'));
    await deliver(buildComment('/run StopVM VMName=web-1'), ports);
    expect([...ports.jobs.all.values()][0]?.origin['notes']).toMatchObject({ locks: [] });
  });
});
