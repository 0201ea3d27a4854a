import { expect, test } from '@jest/globals';
import { toPlainText } from '../../../action/report/annotate.ts';
import { formatTable } from '../../../chatops/markdown/table.ts';
import { renderJobSection } from '../../../chatops/reply/job-section.ts';
import { renderRetryRefusal } from '../../../chatops/reply/answers/index.ts';
import { computeJob, jobAwaitingApproval } from '../../fixtures/jobs.ts';

test('plain text for a log has the short id of a job without its link', () => {
  expect(toPlainText(renderRetryRefusal('/retry', computeJob(), 'running'))).toBe(
    '😕 `/retry` was not started: `/compute 1000` (`job-aaaaaaaa`) has not ended yet. Cancel it first, or wait.',
  );
});

test('plain text for a log has no delimiter rows of tables, whatever their alignment', () => {
  const table = formatTable(['day', 'orders', 'note'], [['1', '71', 'x']], ['left', 'right', undefined]);
  expect(toPlainText(`First rows:\n\n${table}`)).toBe('First rows:\n\n- 1: 71 | x');
});

test('a rejected job is not called canceled in the summary of a run', () => {
  const rejected = jobAwaitingApproval({
    waiting: null,
    state: 'canceled',
    reason: 'rejected',
    endedBy: 'mona',
    endedAt: '2026-03-01T12:30:00Z',
  });
  const section = renderJobSection(rejected, { isPublic: true, maxLength: 2_000 });
  expect(section).toContain('was rejected by `mona`');
  expect(section).not.toContain('cancel');
});
