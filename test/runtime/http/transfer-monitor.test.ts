import { describe, expect, test } from '@jest/globals';
import { TransferMonitor } from '../../../runtime/http/transfer-monitor.ts';
import { TestClock } from '../../fakes/test-clock.ts';

const paced = () => {
  const clock = new TestClock();
  const seen = { tooSlow: 0 };
  return { clock, seen, pace: new TransferMonitor(clock, () => (seen.tooSlow += 1)) };
};

describe('a transfer', () => {
  test('ends after 10 s without a byte', () => {
    const { clock, seen, pace } = paced();
    pace.record(1_000_000);
    clock.advance(9_999);
    expect(seen.tooSlow).toBe(0);
    clock.advance(1);
    expect(seen.tooSlow).toBe(1);
    expect(clock.pending).toBe(0);
  });

  test('ends below 16 KiB a second on average, whatever comes between', () => {
    const { clock, seen, pace } = paced();
    for (let second = 0; second < 60 && seen.tooSlow === 0; second += 1) {
      pace.record(8 * 1024);
      clock.advance(1_000);
    }
    // 10 s of grace, and half as much again as was earned.
    expect(clock.now()).toBeLessThanOrEqual(21_000);
    expect(seen.tooSlow).toBe(1);
  });

  test('of 10 MiB at 1 Mbit/s is fast enough', () => {
    const { clock, seen, pace } = paced();
    for (let sent = 0; sent < 10 * 1024 * 1024; sent += 12_500) {
      clock.advance(100);
      pace.record(12_500);
    }
    pace.stop();
    expect(seen.tooSlow).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('does not count as slow while this process is busy', () => {
    const { clock, seen, pace } = paced();
    clock.stall(60_000);
    clock.advance(0);
    expect(seen.tooSlow).toBe(0);
    pace.record(1_000_000);
    clock.advance(9_000);
    expect(seen.tooSlow).toBe(0);
    clock.advance(11_000);
    expect(seen.tooSlow).toBe(1);
  });

  test('leaves no timer once it ends', () => {
    const { clock, pace } = paced();
    pace.stop();
    expect(clock.pending).toBe(0);
  });
});
