import { expect, test } from '@jest/globals';
import * as v from 'valibot';
import { renderJobSection } from '../../../chatops/reply/job-section.ts';
import { describeLaunch } from '../../../chatops/reply/launch.ts';
import { getStateLabel } from '../../../chatops/reply/state-labels.ts';
import { Job } from '../../../contracts/job.ts';
import { computeJob, taskJob } from '../../fixtures/jobs.ts';

/* How a task is shown whose runner is being launched. */

const since = '2026-03-01T12:00:02Z';
const starting = (waitingFor: string | null): Job =>
  taskJob({ state: 'running', result: null, links: null, endedAt: null, launch: { waitingFor, since } });

test.each([
  [starting(null), 'is starting', 'starting'],
  [starting('a free container group'), 'is starting', 'waiting for a free container group'],
  [{ ...starting('x'), launch: null }, 'is running', undefined],
  [computeJob(), 'is running', undefined],
  [{ ...starting('x'), state: 'failed' as const }, 'failed', undefined],
])('a job is described by its launch only while it runs: %#', (job, words, description) => {
  expect(getStateLabel(job).words).toBe(words);
  expect(describeLaunch(job)).toBe(description);
});

test('the section stays the same as long as the cause does', () => {
  const view = { isPublic: true, maxLength: 10_000, isStable: true };
  const before = renderJobSection(starting('a free container group'), view);
  const later = { ...starting('a free container group'), updatedAt: '2026-03-01T12:20:00Z' };
  expect(renderJobSection(later, view)).toBe(before);
  expect(before).toContain('Waiting for a free container group.');
});

test('an answer of an older orchestrator has no launch', () => {
  const { launch: _, ...older } = starting(null);
  expect(getStateLabel(v.parse(Job, older)).words).toBe('is running');
});
