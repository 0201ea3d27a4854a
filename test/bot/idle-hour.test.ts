import { expect, test } from '@jest/globals';
import { measureIdleHour } from '../../bench/idle-hour.ts';

test('an idle hour of one bot with leases in storage costs at most 60 executions of the app', async () => {
  const { ticks, calls, executions } = await measureIdleHour();
  expect(ticks).toBe(12);
  // Neither leases nor probes nor metrics nor the sweep call it; a new leader lists all jobs, and checks the locks.
  expect(Object.keys(calls).toSorted()).toEqual(['GET /api/jobs', 'GET /api/locks']);
  expect(calls['GET /api/locks']).toBe(2);
  expect(calls['GET /api/jobs']).toBeGreaterThanOrEqual(30);
  expect(executions).toBeLessThanOrEqual(60);
}, 300_000);
