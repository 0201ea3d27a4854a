import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Lock } from '../../../../contracts/conditions.ts';
import {
  requestLock,
  createFreeLock,
  isHeldBy,
  getLockJobs,
  releaseByJob,
  releaseByPerson,
  acquireByPerson,
} from '../../../../compute/orchestrator/locks/lock.ts';

const job = (n: number) => `job-${String(n).padStart(32, '0')}`;
const now = '2026-01-01T00:00:00.000Z';
const free = createFreeLock({ scope: 's', key: 'vm/web-1' });
const queued = (lock: Lock, n: number, slots: number) =>
  requestLock(lock, job(n), { slots, whenTaken: 'queue' }, now);
const held = (lock: Lock) => [0, 1, 2, 3, 4].filter((n) => isHeldBy(lock, job(n)));

describe('each job keeps the slots that it requested', () => {
  test('a job that requests many slots does not join an exclusive job', () => {
    const two = queued(queued(free, 1, 1), 2, 1_000);
    expect([held(two), two.slots]).toEqual([[1], 1]);
    const three = queued(two, 3, 1);
    expect(held(releaseByJob(three, job(1), now))).toEqual([2]);
    expect(held(releaseByJob(releaseByJob(three, job(1), now), job(2), now))).toEqual([3]);
  });

  test('a job that requests fewer slots waits until few enough holders are left, and no job overtakes it', () => {
    const two = queued(queued(free, 1, 2), 2, 2);
    expect(held(two)).toEqual([1, 2]);
    const four = queued(queued(two, 3, 1), 4, 2);
    expect([held(four), four.slots]).toEqual([[1, 2], 1]);
    const three = releaseByJob(four, job(1), now);
    expect(held(three)).toEqual([2]);
    const last = releaseByJob(three, job(2), now);
    expect(held(last)).toEqual([3]);
    expect(held(releaseByJob(last, job(3), now))).toEqual([4]);
  });

  test('when the job that requested fewer slots has left the queue, the others continue', () => {
    const four = queued(queued(queued(free, 1, 2), 2, 1), 3, 2);
    expect(held(four)).toEqual([1]);
    expect(held(releaseByJob(four, job(2), now))).toEqual([1, 3]);
  });

  test('in a lock that an older version wrote, one number applies to all', () => {
    const since = now;
    const old: Lock = {
      ...free,
      slots: 2,
      holders: [1, 2].map((n) => ({ kind: 'job', job: job(n), since })),
      waiting: [{ job: job(3), since }],
    };
    const asking = queued(old, 4, 1_000);
    expect(held(asking)).toEqual([1, 2]);
    const after = releaseByJob(asking, job(1), now);
    expect([held(after), after.slots]).toEqual([[2, 3], 2]);
    expect(held(releaseByJob(after, job(2), now))).toEqual([3, 4]);
  });
});

type Step =
  | { does: 'ask'; n: number; slots: number; whenTaken: 'queue' | 'refuse' }
  | { does: 'leave'; n: number }
  | { does: 'take' | 'release' };

const who = fc.nat(4);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    does: fc.constant('ask' as const),
    n: who,
    slots: fc.constantFrom(1, 1, 2, 3, 1_000),
    whenTaken: fc.constantFrom('queue', 'queue', 'refuse'),
  }),
  fc.record({ does: fc.constant('leave' as const), n: who }),
  fc.record({ does: fc.constantFrom('take' as const, 'release' as const) }),
);

const person = { id: 'p', name: 'p' };
const applied = (lock: Lock, change: Step): Lock => {
  if (change.does === 'ask') return requestLock(lock, job(change.n), change, now);
  if (change.does === 'leave') return releaseByJob(lock, job(change.n), now);
  if (change.does === 'take') return acquireByPerson(lock, { person, reason: null }, now);
  return releaseByPerson(lock, person, false, now);
};

/** A minimal model of a lock: its holders and waiting jobs, with the slots they requested. */
type Model = { person: boolean; has: Map<number, number>; queue: [n: number, slots: number][] };

const admit = ({ person: isPersons, has, queue }: Model): void => {
  for (;;) {
    const [first] = queue;
    if (!first || isPersons || Math.min(first[1], ...has.values()) < has.size + 1) return;
    queue.shift();
    has.set(...first);
  }
};

const changeModel = (model: Model, change: Step): void => {
  const { has, queue } = model;
  if (change.does === 'ask') {
    const { n, slots, whenTaken } = change;
    if (has.has(n) || queue.some(([other]) => other === n)) return;
    queue.push([n, slots]);
    admit(model);
    if (whenTaken === 'refuse' && !has.has(n)) queue.pop();
    return;
  }
  if (change.does === 'leave') {
    has.delete(change.n);
    model.queue = queue.filter(([n]) => n !== change.n);
  } else if (change.does === 'release') model.person = false;
  else if (has.size + queue.length === 0) model.person = true;
  admit(model);
};

test('with any requests, there are never more holders than their fewest slots, in order of arrival', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const model: Model = { person: false, has: new Map(), queue: [] };
      let lock = free;
      for (const change of steps) {
        // As after writing and reading.
        lock = JSON.parse(JSON.stringify(applied(lock, change))) as Lock;
        changeModel(model, change);
        expect(held(lock)).toEqual([...model.has.keys()].toSorted((a, b) => a - b));
        expect(lock.waiting.map(({ job: id, slots }) => [id, slots])).toEqual(
          model.queue.map(([n, slots]) => [job(n), slots]),
        );
        const all = [...model.has.values(), ...model.queue.map(([, slots]) => slots)];
        expect(lock.slots).toBe(all.length === 0 ? 1 : Math.min(...all));
        expect(model.has.size).toBeLessThanOrEqual(Math.min(...model.has.values()));
      }
      // No job waits forever: in the end, every job has had the lock.
      const waited = lock.waiting.map(({ job: id }) => id);
      const had = new Set<string>();
      for (let left = applied(lock, { does: 'release' }); getLockJobs(left).length > 0;) {
        const [first] = held(left);
        had.add(job(first ?? -1));
        left = releaseByJob(left, job(first ?? -1), now);
      }
      expect(waited.filter((id) => !had.has(id))).toEqual([]);
    }),
  );
});
