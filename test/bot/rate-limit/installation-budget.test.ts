import { expect, test } from '@jest/globals';
import { writeBudget } from '../../../bench/chaos/searches/write-budget.ts';
import { InstallationBudget, type WriteCharge } from '../../../bot/rate-limit/installation-budget.ts';

const hour = 3_600_000;

/** An installation with 300 writes an hour, and how many of some writes go through one right after the other. */
const open = () => {
  const time = { now: 0 };
  const budget = new InstallationBudget(150, 0);
  const writes = (charge: WriteCharge, most = Infinity): number => {
    for (let n = 0; ; n += 1) {
      if (n === most || budget.getWait(charge, time.now) > 0) return n;
      budget.take(charge, time.now);
    }
  };
  return { time, budget, writes };
};
const reply = (repository: number): WriteCharge => ({ repository, priority: 'reply' });
const reader = (person: number, repository = 1): WriteCharge => ({ repository, priority: 'reader', person });

test('with any requests in any order, no hour exceeds the limit, and each repository has its part', async () => {
  expect(await writeBudget.run(20_261_130, 60)).toEqual([]);
});

test('a busy repository leaves a quiet one its part; alone, it can use what the others leave', () => {
  const { time, writes } = open();
  expect(writes(reply(1))).toBe(127);
  expect(writes(reply(2))).toBe(15);
  expect(writes(reply(1))).toBe(0);
  let busy = 0;
  let quiet = 0;
  for (time.now = 60_000; time.now <= hour; time.now += 60_000) {
    busy += writes(reply(1));
    if (time.now % 600_000 === 0) quiet += writes(reply(2), 1);
  }
  expect(quiet).toBe(6);
  expect(busy).toBeGreaterThan(120);
});

test('people without permissions have a tenth together, and a small part each', () => {
  const { time, writes } = open();
  expect(writes(reader(7))).toBe(6);
  expect(writes(reader(7, 2))).toBe(0);
  const others = Array.from({ length: 200 }, (_, n) => writes(reader(100 + n, n % 5)));
  expect(others.reduce((sum, n) => sum + n, 0)).toBe(9);
  expect(writes(reply(1), 20)).toBe(20);
  time.now += hour;
  expect(writes(reader(7))).toBe(6);
});

test('over a day, each hour has its writes and no more', () => {
  const { time, writes } = open();
  const made: number[] = [];
  for (time.now = 0; time.now < 24 * hour; time.now += 30_000)
    for (const charge of [reader(1), reader(2), { repository: 1, priority: 'progress' } as const, reply(2)])
      made.push(...Array.from({ length: writes(charge) }, () => time.now));
  for (let from = 0; from <= 23 * hour; from += 30_000)
    expect(made.filter((at) => at >= from && at < from + hour).length).toBeLessThanOrEqual(300);
  expect(made.length).toBeGreaterThan(23 * 150);
});

test('without room for all repositories, none has a reserve, and no write waits forever', () => {
  const { time, budget, writes } = open();
  for (let repository = 1; repository <= 500; repository += 1) writes(reply(repository), 1);
  const wait = budget.getWait(reply(501), time.now);
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThan(hour);
  time.now += wait;
  expect(budget.getWait(reply(501), time.now)).toBe(0);
});
