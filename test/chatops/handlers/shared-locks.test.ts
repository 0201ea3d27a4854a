import { beforeEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Lock, TaskDefinition } from '../../../compute/client/index.ts';
import { fillTaskLocks } from '../../../contracts/task-locks.ts';
import { resolveTaskLocks } from '../../../chatops/job/index.ts';
import { buildComment } from '../../fixtures/incoming-comments.ts';
import { createMemoryJobs } from '../../fakes/memory-jobs.ts';
import { jobId, taskJob } from '../../fixtures/jobs.ts';
import { deliver, createCommentPorts, stopVm, type FakeCommentPorts } from '../../fakes/comment-ports.ts';

/* Locks that definitions of tasks name, which are shared across repositories: what people of one repository see of them. */

const since = '2026-03-01T11:00:00Z';
const shared = (more: Partial<Lock> = {}): Lock => ({
  v: 1,
  scope: 'tasks',
  key: 'vm/web-1',
  slots: 1,
  holders: [],
  waiting: [],
  ...more,
});
const ours = { kind: 'job', job: jobId('b'), since } as const;

let ports: FakeCommentPorts;
/** What is listed of each scope, and who was said to ask. */
let lists: Record<string, Lock[]>;
let asked: unknown[];

const begin = (locks: TaskDefinition['locks']): void => {
  ports = createCommentPorts();
  ports.jobs = createMemoryJobs([{ ...stopVm, ...(locks ? { locks } : {}) }]);
  ports.jobs.all.set(jobId('b'), taskJob({ id: jobId('b') }));
  lists = {};
  asked = [];
  ports.locks.list = async (scope, owner) => (asked.push([scope, owner]), lists[scope] ?? []);
};

describe('/locks', () => {
  beforeEach(() => begin(undefined));
  const say = async (): Promise<string> => {
    await deliver(buildComment('/locks'), ports);
    return ports.posted();
  };

  test('asks as this repository, for its own locks and for those that definitions name', async () => {
    expect(await say()).toContain('No locks are held in this repository');
    expect(asked).toEqual([
      ['github.com/1', 'github.com/1'],
      ['tasks', 'github.com/1'],
    ]);
  });

  test('lists both, names its own jobs, and counts those of others', async () => {
    lists['github.com/1'] = [shared({ scope: 'github.com/1', key: 'db', holders: [ours] })];
    lists['tasks'] = [
      shared({ waiting: [{ job: jobId('b'), since }], elsewhere: { holders: 1, waiting: 2 } }),
      shared({ key: 'vm/web-2', holders: [ours] }),
    ];
    const rows = (await say()).split('\n').filter((line) => line.startsWith('| `'));
    expect(rows).toEqual([
      expect.stringMatching(/^\| `db` \| .*run Hello.* \| nobody \|$/),
      expect.stringMatching(
        /^\| `vm\/web-1`<br>shared across repositories \| a job of another repository \| .*run Hello.*<br>2 jobs of other repositories \|$/,
      ),
      expect.stringMatching(/^\| `vm\/web-2`<br>shared across repositories \| .*run Hello.* \| nobody \|$/),
    ]);
  });

  test('asks for no more jobs than it shows', async () => {
    const many = Array.from({ length: 40 }, (_, n) => ({
      kind: 'job' as const,
      job: jobId(String(n)),
      since,
    }));
    lists['tasks'] = [shared({ holders: many, waiting: many })];
    const gets: string[] = [];
    ports.jobs.get = async (job) => (gets.push(job), undefined);
    expect(await say()).toContain('and 35 more');
    expect(new Set(gets).size).toBe(5);
  });
});

describe('/explain shows the locks that the definition adds', () => {
  const say = async (command: string): Promise<string> => {
    await deliver(buildComment(`/explain ${command}`), ports);
    return ports.posted();
  };

  test('with the values of the job, and who has them as far as this repository sees it', async () => {
    begin([{ key: 'vm/${VMName}' }, { key: 'Quota', slots: 3, whenTaken: 'refuse' }]);
    lists['tasks'] = [shared({ waiting: [], elsewhere: { holders: 1, waiting: 1 } })];
    const text = await say('run StopVM VMName=Web-1');
    expect(text).toContain(
      '| lock of the task | `vm/web-1`, shared across repositories: waits while the lock is taken; currently held by a job of another repository, with 1 job waiting |',
    );
    expect(text).toContain(
      '| lock of the task | `quota`, up to 3 jobs at once, across repositories: ends if the lock is taken; currently not held or requested by a job of this repository |',
    );
    expect(asked).toEqual([['tasks', 'github.com/1']]);
  });

  test('or how the orchestrator would refuse the job', async () => {
    begin([{ key: 'vm/${VMName}/${Token}' }]);
    const text = await say('run StopVM VMName=web-1');
    expect(text).toMatch(/would be refused/);
    expect(text).toContain('vm/${VMName}/${Token}');
  });

  test('and asks for none where there are none', async () => {
    begin(undefined);
    expect(await say('run StopVM VMName=web-1')).not.toContain('lock of the task');
    expect(asked).toEqual([]);
  });
});

test('they are filled in as the orchestrator fills them in, whatever definition and values are', () => {
  const name = fc.constantFrom('a', 'b', 'toString', '__proto__');
  const piece = fc.oneof(
    name.map((one) => `\${${one}}`),
    fc.constantFrom('vm', '/', 'VM-', '%2f', ' ', 'é'),
  );
  const lock = fc.record(
    {
      key: fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join('')),
      slots: fc.constantFrom(1, 2, 3),
      whenTaken: fc.constantFrom('queue' as const, 'refuse' as const),
    },
    { requiredKeys: ['key'] },
  );
  const value = fc.oneof(fc.constantFrom('', 'x', 'X', 'a/b', '\ud800', 'x'.repeat(199)), fc.string());
  const values = fc.array(fc.tuple(name, value)).map((pairs) => Object.fromEntries(pairs));
  fc.assert(
    fc.property(fc.array(lock, { maxLength: 4 }), values, (locks, given) => {
      // What is no key with any values makes the definition invalid: no task with such a one is explained.
      const sound = locks.filter(({ key }) =>
        /^(?:[a-z0-9._~/%-]|\$\{\w+\})*(?:[a-z0-9._~%-]|\})$/i.test(key),
      );
      const filled = fillTaskLocks(sound, given);
      const added = resolveTaskLocks({ locks: sound }, given);
      if (!filled.ok) return expect(added).toEqual({ ok: false, refusal: filled.problem });
      const expected = filled.value.map(({ key, slots, whenTaken }) => ({ key, slots, when: whenTaken }));
      return expect(added).toEqual({ ok: true, value: expected });
    }),
    { numRuns: 5_000 },
  );
});
