import { expect, test } from '@jest/globals';
import { LockChecks } from '../../../bot/sweep/lock-checks.ts';

const hour = 3_600_000;

/** Sweeps once. Returns whether the locks were checked. */
const sweep = (checks: LockChecks, hasLocks = false): boolean => {
  const due = checks.isDue(1);
  if (due) checks.recordCheck(1, hasLocks);
  return due;
};

test('locks are checked in the first two sweeps, and in two after each command', () => {
  const checks = new LockChecks(() => 0);
  expect([1, 2, 3, 4].map(() => sweep(checks))).toEqual([true, true, false, false]);
  checks.recordCommand(2);
  expect(sweep(checks)).toBe(false);
  checks.recordCommand(1);
  expect([1, 2, 3].map(() => sweep(checks))).toEqual([true, true, false]);
});

test('they are checked in each sweep while one ends with a thread', () => {
  const checks = new LockChecks(() => 0);
  expect([1, 2, 3, 4, 5].map(() => sweep(checks, true))).toEqual([true, true, true, true, true]);
  expect([1, 2, 3].map(() => sweep(checks))).toEqual([true, true, false]);
});

test('they are checked every six hours in any case', () => {
  let now = 0;
  const checks = new LockChecks(() => now);
  for (const _ of [1, 2]) sweep(checks);
  now = 6 * hour - 1;
  expect(sweep(checks)).toBe(false);
  now = 6 * hour;
  expect([sweep(checks), sweep(checks)]).toEqual([true, false]);
});
