import { describe, expect, test } from '@jest/globals';
import type { BlockProgress } from '../../../compute/client/index.ts';
import { formatThroughput } from '../../../chatops/reply/progress.ts';
import { computeJob, jobId } from '../../fixtures/jobs.ts';

const at = (seconds: number, progress: Partial<BlockProgress>) =>
  computeJob({
    progress: { done: 0, failed: 0, total: 1000, workers: 4, ...progress },
    updatedAt: new Date(Date.parse('2026-03-01T12:00:02Z') + seconds * 1000).toISOString(),
  });

describe('the pace of a job', () => {
  test.each([
    [9.9, { done: 500 }, []],
    [60, { done: 0 }, []],
    [10, { done: 49 }, ['4.9 inputs per second']],
    [10, { done: 50 }, ['5 inputs per second', 'about 3 min left']],
    [10, { done: 400, failed: 100 }, ['50 inputs per second', 'less than 1 min left']],
    [10, { done: 1000 }, ['100 inputs per second']],
    [3600, { done: 120 }, ['2 inputs per minute', 'about 7 h left']],
    [864_000, { done: 500 }, ['2.1 inputs per hour', 'about 10 d left']],
  ])('after %d s with %j', (seconds, progress, said) => {
    expect(formatThroughput(at(seconds, progress))).toEqual(said);
  });

  test('counts inputs, whatever the block size, and blocks if the number of inputs is unknown', () => {
    const job = at(10, { done: 500 });
    expect(formatThroughput({ ...job, request: { inputCount: 8000 } })[0]).toBe('400 inputs per second');
    expect(formatThroughput({ ...job, request: {} })[0]).toBe('50 blocks per second');
  });

  test('is not shown for a retry, which reuses blocks', () => {
    expect(formatThroughput({ ...at(10, { done: 500 }), retryOf: jobId('c') })).toEqual([]);
  });
});
