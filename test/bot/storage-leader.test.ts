import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { pino } from 'pino';
import { LeaderElection, safetyMargin, storageLeaderSeconds } from '../../bot/leader-election.ts';
import { openLeaseStorage, type ReplicaLeases } from '../../bot/lease-storage/lease-storage.ts';
import { createBotMetrics } from '../../bot/metrics.ts';
import { startAzurite } from '../../local/azurite/azurite.ts';
import { silentLog } from '../fixtures/leases.ts';
import { TestClock } from '../fakes/test-clock.ts';

/* The leader election with leases in storage, by a fake clock. */

let clock: TestClock;
let held: { holder: string; until: number };
let logged: string[];
/** The replicas whose calls fail. */
const cutOff = new Set<string>();
const leaders: LeaderElection[] = [];
beforeEach(() => {
  clock = new TestClock();
  held = { holder: '', until: 0 };
  logged = [];
  cutOff.clear();
});
afterEach(() => Promise.all(leaders.splice(0).map((leader) => leader.stop())));

const start = (holder: string, leases?: ReplicaLeases) => {
  const metrics = createBotMetrics();
  const attempts: number[] = [];
  const leader = new LeaderElection({
    leases: leases ?? {
      take: async (_name, by, seconds) => {
        attempts.push(clock.now());
        if (cutOff.has(by)) throw new Error('storage is away');
        if (held.holder !== by && held.until > clock.now()) return false;
        held = { holder: by, until: clock.now() + seconds * 1_000 };
        return true;
      },
      release: async () => {},
    },
    name: 'tracker/77',
    holder,
    seconds: storageLeaderSeconds,
    onLead: () => {},
    metrics,
    log: pino({}, { write: (line: string) => void logged.push((JSON.parse(line) as { msg: string }).msg) }),
    clock,
  });
  leaders.push(leader);
  leader.start();
  return { leader, attempts, metrics };
};

const pass = async (seconds: number): Promise<void> => {
  for (let left = seconds * 1_000; left > 0; left -= 100) {
    clock.advance(Math.min(100, left));
    for (let n = 0; n < 4; n += 1) await turn();
  }
};

test('a standby takes over within 40 s after the leader died, by the intervals', () => {
  const { lease, renewal } = storageLeaderSeconds;
  expect(lease + renewal).toBeLessThanOrEqual(40);
  // Azure allows 15 to 60 s.
  expect(lease).toBeGreaterThanOrEqual(15);
  expect(lease).toBeLessThanOrEqual(60);
  // One renewal that fails does not end the term.
  expect(lease * (1 - safetyMargin)).toBeGreaterThan(2 * renewal);
});

test.each([0, 3, 9.9])('it does, if the leader dies %d s after a renewal', async (later) => {
  const first = start('a');
  await pass(later);
  const { leader } = start('b');
  await pass(30 - later);
  expect([first.leader.isLeading, leader.isLeading]).toEqual([true, false]);
  cutOff.add('a');
  await pass(40);
  expect([first.leader.isLeading, leader.isLeading]).toEqual([false, true]);
});

test('while storage is not available, the lease is retried with backoff, expires and leaves no leader, and is logged once', async () => {
  const { leader, attempts, metrics } = start('a');
  await pass(1);
  cutOff.add('a');
  await pass(20);
  expect(leader.isLeading).toBe(true);
  await pass(600);
  expect(leader.isLeading).toBe(false);
  expect((await metrics.leading.get()).values).toMatchObject([{ value: 0 }]);
  const gaps = attempts.slice(1).map((at, n) => at - (attempts[n] ?? 0));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(storageLeaderSeconds.renewal * 1_000 + 100);
  expect(logged.filter((msg) => msg.startsWith('could not renew'))).toHaveLength(1);
  cutOff.clear();
  await pass(storageLeaderSeconds.renewal + 1);
  expect(leader.isLeading).toBe(true);
});

test('without its storage account, a leader stops leading by the end of its lease', async () => {
  const azurite = await startAzurite({ folder: undefined, blobPort: 0, queuePort: 0, log: silentLog });
  try {
    const { leader } = start('a', openLeaseStorage(azurite.connectionString));
    const step = async () => {
      clock.advance(1_000);
      while (clock.pending === 0) await turn();
    };
    await step();
    expect(leader.isLeading).toBe(true);
    await azurite.stop();
    for (let second = 0; second < storageLeaderSeconds.lease; second += 1) await step();
    expect(leader.isLeading).toBe(false);
    expect(logged.filter((msg) => msg.startsWith('could not renew'))).toHaveLength(1);
  } finally {
    await azurite.stop();
  }
});

test('a leader stops leading before storage gives its lease to another', async () => {
  const first = start('a');
  await pass(1);
  cutOff.add('a');
  while (first.leader.isLeading) await pass(0.1);
  expect(held).toMatchObject({ holder: 'a' });
  expect(held.until - clock.now()).toBeGreaterThanOrEqual(
    storageLeaderSeconds.lease * safetyMargin * 1_000 - 100,
  );
});
