import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Lock } from '../../../../contracts/conditions.ts';
import {
  requestLock,
  createFreeLock,
  listGranted,
  isHeldBy,
  getLockJobs,
  releaseByJob,
  releaseByPerson,
  acquireByPerson,
} from '../../../../compute/orchestrator/locks/lock.ts';

const job = (n: number) => `job-${String(n).padStart(32, '0')}`;
const person = (n: number) => ({ id: String(n), name: `person ${n}` });
const now = '2026-01-01T00:00:00.000Z';

const who = fc.nat(5);
const change: fc.Arbitrary<(lock: Lock) => Lock> = fc.oneof(
  fc.tuple(who, fc.integer({ min: 1, max: 3 }), fc.constantFrom('queue', 'refuse')).map(
    ([n, slots, whenTaken]) =>
      (lock: Lock) =>
        requestLock(lock, job(n), { slots, whenTaken }, now),
  ),
  who.map((n) => (lock: Lock) => releaseByJob(lock, job(n), now)),
  who.map((n) => (lock: Lock) => acquireByPerson(lock, { person: person(n), reason: null }, now)),
  fc.tuple(who, fc.boolean()).map(
    ([n, force]) =>
      (lock: Lock) =>
        releaseByPerson(lock, person(n), force, now),
  ),
);

const waitingIn = (lock: Lock) => lock.waiting.map((each) => each.job);

test('always: as many holders as slots, in the order of requests, and no free slot', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      let lock = createFreeLock({ scope: 's', key: 'k' });
      for (const apply of changes) {
        const after = apply(lock);
        const persons = after.holders.filter(({ kind }) => kind === 'person').length;
        const room = persons > 0 ? 0 : after.slots - after.holders.length;
        expect(new Set(getLockJobs(after)).size).toBe(getLockJobs(after).length);
        expect(persons === 0 || after.holders.length === 1).toBe(true);
        if (after.waiting.length > 0) expect(room).toBeLessThanOrEqual(0);
        // No job is overtaken: the waiting jobs keep their order, behind all holders.
        const next = listGranted(lock, after);
        const stayed = waitingIn(lock).filter((id) => getLockJobs(after).includes(id));
        expect(stayed.slice(0, next.length)).toEqual(next);
        expect(waitingIn(after).slice(0, stayed.length - next.length)).toEqual(stayed.slice(next.length));
        // The same change again changes nothing.
        expect(apply(after)).toBe(after);
        lock = after;
      }
    }),
  );
});

test('a repeated request, and a release without a lock, change nothing', () => {
  const free = createFreeLock({ scope: 's', key: 'k' });
  const held = requestLock(free, job(1), { slots: 1, whenTaken: 'queue' }, now);
  expect(isHeldBy(held, job(1))).toBe(true);
  expect(requestLock(held, job(1), { slots: 3, whenTaken: 'queue' }, 'later')).toBe(held);
  expect(requestLock(held, job(2), { slots: 1, whenTaken: 'refuse' }, now)).toBe(held);
  expect(acquireByPerson(held, { person: person(1), reason: null }, now)).toBe(held);
  expect(releaseByPerson(held, person(1), true, now)).toBe(held);
  expect(releaseByJob(held, job(2), now)).toBe(held);
  expect(releaseByJob(held, job(1), now)).toEqual(free);
});
