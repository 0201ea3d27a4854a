import { describe, expect, test } from '@jest/globals';
import { Pace } from '../../../runtime/http/transfer-monitor.ts';
import { TestClock } from '../../fakes/test-clock.ts';

const paced = () => {
  const clock = new TestClock();
  const seen = { tooSlow: 0 };
  return { clock, seen, pace: new Pace(clock, () => (seen.tooSlow += 1)) };
};

describe('a transfer', () => {
  test('ends after 10 s without a byte', () => {
    const { clock, seen, pace } = paced();
    pace.moved(1_000_000);
    clock.pass(9_999);
    expect(seen.tooSlow).toBe(0);
    clock.pass(1);
    expect(seen.tooSlow).toBe(1);
    expect(clock.pending).toBe(0);
  });

  test('ends below 16 KiB a second on average, whatever comes between', () => {
    const { clock, seen, pace } = paced();
    for (let second = 0; second < 60 && seen.tooSlow === 0; second += 1) {
      pace.moved(8 * 1024);
      clock.pass(1_000);
    }
    // 10 s of grace, and half as much again as was earned.
    expect(clock.now()).toBeLessThanOrEqual(21_000);
    expect(seen.tooSlow).toBe(1);
  });

  test('of 10 MiB at 1 Mbit/s is fast enough', () => {
    const { clock, seen, pace } = paced();
    for (let sent = 0; sent < 10 * 1024 * 1024; sent += 12_500) {
      clock.pass(100);
      pace.moved(12_500);
    }
    pace.end();
    expect(seen.tooSlow).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('does not count as slow while this process is busy', () => {
    const { clock, seen, pace } = paced();
    clock.stall(60_000);
    clock.pass(0);
    expect(seen.tooSlow).toBe(0);
    pace.moved(1_000_000);
    clock.pass(9_000);
    expect(seen.tooSlow).toBe(0);
    clock.pass(11_000);
    expect(seen.tooSlow).toBe(1);
  });

  test('leaves no timer once it ends', () => {
    const { clock, pace } = paced();
    pace.end();
    expect(clock.pending).toBe(0);
  });
});
