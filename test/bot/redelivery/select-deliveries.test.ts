import { describe, expect, test } from '@jest/globals';
import { selectDeliveries, type Delivery } from '../../../bot/redelivery/select-deliveries.ts';

const now = Date.parse('2026-01-10T00:00:00Z');
const ago = (seconds: number): string => new Date(now - seconds * 1_000).toISOString();
const delivery = (
  id: number,
  guid: string,
  seconds: number,
  status: number | null,
  event = 'issue_comment',
): Delivery => ({
  id,
  guid,
  delivered_at: ago(seconds),
  status_code: status,
  event,
});
const ids = (deliveries: Delivery[]): number[] => deliveries.map(({ id }) => id);

test('what failed and never succeeded is asked for, by its newest attempt', () => {
  const { due } = selectDeliveries(
    [
      delivery(9, 'again', 3_000, 500),
      delivery(8, 'healed', 3_600, 200),
      delivery(7, 'healed', 4_000, 503),
      delivery(6, 'again', 5_000, 0),
      delivery(5, 'taken', 6_000, 202),
      delivery(4, 'other', 7_000, 500, 'push'),
      delivery(3, 'no answer', 8_000, null),
    ],
    ['issue_comment'],
    now,
    true,
  );
  expect(ids(due)).toEqual([9, 3]);
});

test('what is older than three days is over', () => {
  const deliveries = [delivery(2, 'old', 3 * 86_400 + 1, 500), delivery(1, 'late', 3 * 86_400 - 60, 500)];
  expect(ids(selectDeliveries(deliveries, ['issue_comment'], now, true).due)).toEqual([1]);
});

test('each attempt waits twice as long as the one before', () => {
  const attempts = [5, 30, 40].map((seconds, n) => delivery(3 - n, 'stubborn', seconds, 500));
  expect(selectDeliveries(attempts, ['issue_comment'], now, true)).toEqual({ due: [], next: 35_000 });
  expect(selectDeliveries(attempts, ['issue_comment'], now + 35_000, true).due).toHaveLength(1);
});

test('at the start nothing waits', () => {
  const plan = selectDeliveries([delivery(1, 'fresh', 0, 502)], ['issue_comment'], now, false);
  expect(ids(plan.due)).toEqual([1]);
});

test('nothing failed', () => {
  expect(selectDeliveries([delivery(1, 'a', 10, 200)], ['issue_comment'], now, true)).toEqual({
    due: [],
    next: Infinity,
  });
});

describe('a delivery that timed out', () => {
  const attempts = (event: string, ...codes: (number | null)[]) =>
    codes.map((code, n) => delivery(codes.length - n, 'slow', 40_000 + n, code, event));
  const due = (deliveries: Delivery[], patient = true): number =>
    selectDeliveries(deliveries, ['issue_comment', 'pull_request'], now, patient).due.length;

  test.each([0, null, 504])('of a pull request is asked for once more: %j', (code) => {
    expect(due(attempts('pull_request', code))).toBe(1);
    expect(due(attempts('pull_request', code, code))).toBe(0);
    expect(due(attempts('pull_request', code, code), false)).toBe(0);
    expect(due(attempts('pull_request', 500, code, 500))).toBe(1);
    expect(due(attempts('pull_request', 500, code, 500, code))).toBe(0);
  });

  test('of a comment is redelivered as before, and so is one of a pull request that we answered with an error', () => {
    expect(due(attempts('issue_comment', 504, 504, 504))).toBe(1);
    expect(due(attempts('pull_request', 500, 503, 500))).toBe(1);
  });

  test('is known by GitHub’s word for it, too', () => {
    const slow = attempts('pull_request', 502, 502).map((one) => ({ ...one, status: 'timed out' }));
    expect(due(slow)).toBe(0);
  });
});
