import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { pino } from 'pino';
import { checkMilliseconds, LeaderSignal } from '../../../bot/lease-storage/leader-signal.ts';
import { TestClock } from '../../fakes/test-clock.ts';

let clock: TestClock;
let version: number | null;
let isAway: boolean;
let logged: string[];
const signals: LeaderSignal[] = [];
beforeEach(() => {
  clock = new TestClock();
  version = null;
  isAway = false;
  logged = [];
});
afterEach(() => Promise.all(signals.splice(0).map((signal) => signal.stop())));

const storage = {
  changeVersion: async () => {
    if (isAway) throw new Error('storage is away');
    version = (version ?? 0) + 1;
  },
  getVersion: async () => {
    if (isAway) throw new Error('storage is away');
    return version === null ? null : String(version);
  },
};

/** Starts the signal of a replica. `heard`: the calls that it received as the leader. */
const start = (leader: { isLeading: boolean }) => {
  const heard: string[] = [];
  const signal = new LeaderSignal({
    storage,
    name: 'wake/77',
    leader,
    onSignal: () => heard.push('signal'),
    onFirstCheck: () => heard.push('first check'),
    clock,
    log: pino({}, { write: (line: string) => void logged.push((JSON.parse(line) as { msg: string }).msg) }),
  });
  signals.push(signal);
  signal.start();
  return { signal, heard };
};

/** Advances the clock in small steps, and runs what is due at each. */
const pass = async (milliseconds: number): Promise<void> => {
  for (let left = milliseconds; left > 0; left -= 500) {
    clock.advance(Math.min(500, left));
    for (let n = 0; n < 5; n += 1) await turn();
  }
};

test('a signal of another replica reaches the leader at its next check, once', async () => {
  const leader = start({ isLeading: true });
  const other = start({ isLeading: false });
  await pass(1_000);
  expect(leader.heard.splice(0)).toEqual(['first check']);
  await pass(10 * checkMilliseconds);
  expect(leader.heard).toEqual([]);
  other.signal.send();
  other.signal.send();
  await pass(checkMilliseconds);
  expect(leader.heard.splice(0)).toEqual(['signal']);
  await pass(10 * checkMilliseconds);
  expect([leader.heard, other.heard]).toEqual([[], []]);
});

test('the leader does not signal to itself', async () => {
  const { signal } = start({ isLeading: true });
  signal.send();
  await pass(1_000);
  expect(version).toBeNull();
});

test('a new leader does not rely on what it knew as an earlier leader', async () => {
  const leader = { isLeading: true };
  const { heard } = start(leader);
  await pass(1_000);
  leader.isLeading = false;
  await pass(checkMilliseconds);
  version = 7;
  leader.isLeading = true;
  await pass(checkMilliseconds);
  expect(heard).toEqual(['first check', 'first check']);
});

test('while storage is not available, a signal is retried, and the error is logged once', async () => {
  const leader = start({ isLeading: true });
  await pass(1_000);
  isAway = true;
  const other = start({ isLeading: false });
  other.signal.send();
  await pass(5 * checkMilliseconds);
  expect(logged).toEqual([
    'could not signal the leader that a job may have started: retrying',
    'could not check whether another replica started a job: retrying',
  ]);
  isAway = false;
  await pass(2 * checkMilliseconds);
  expect(leader.heard).toEqual(['first check', 'signal']);
});
