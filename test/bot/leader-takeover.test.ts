import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { LeaderElection } from '../../bot/leader-election.ts';
import { createBotMetrics } from '../../bot/metrics.ts';
import type { Leases } from '../../compute/client/index.ts';
import { silentLog } from '../fixtures/leases.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** One lease, by the clock of the test. */
const memoryLeases = (): Leases => {
  let held = { holder: '', until: 0 };
  return {
    take: async (_name, holder, seconds) => {
      if (held.holder !== holder && held.until > Date.now()) return false;
      held = { holder, until: Date.now() + seconds * 1_000 };
      return true;
    },
    release: async () => {},
  };
};

const leaderOf = (leases: Leases, holder: string): LeaderElection =>
  new LeaderElection({
    leases,
    name: 'tracker/77',
    holder,
    onLead: () => {},
    metrics: createBotMetrics(),
    log: silentLog,
  });

test.each([0, 1_000, 2_999])(
  'with its usual times, a leader that dies is replaced within 15 s (%i ms after it renewed)',
  async (later) => {
    const leases = memoryLeases();
    let alive = true;
    const dying: Leases = {
      ...leases,
      take: (...given) => (alive ? leases.take(...given) : new Promise(() => {})),
    };
    leaderOf(dying, 'a').start();
    await jest.advanceTimersByTimeAsync(later);
    const next = leaderOf(leases, 'b');
    next.start();
    await jest.advanceTimersByTimeAsync(30_000 - later);
    expect(next.isLeading).toBe(false);
    alive = false;
    await jest.advanceTimersByTimeAsync(15_000);
    expect(next.isLeading).toBe(true);
    const stopped = next.stop();
    await jest.advanceTimersByTimeAsync(0);
    await stopped;
  },
);
