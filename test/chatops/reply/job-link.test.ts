import { expect, test } from '@jest/globals';
import { formatJobCommand, formatJobLink } from '../../../chatops/reply/job-link.ts';
import { formatLinkExpiry } from '../../../chatops/reply/links.ts';
import { computeJob } from '../../fixtures/jobs.ts';

const { origin } = computeJob();

test('a job links to its comment by a path, which creates no cross-reference on another thread', () => {
  expect(formatJobLink(computeJob())).toBe('[`job-aaaaaaaa`](/acme/ops/issues/7#issuecomment-9)');
  const onPull = { ...origin, thread: { number: 7, kind: 'pull-request' as const } };
  expect(formatJobLink(computeJob({ origin: onPull }))).toContain('(/acme/ops/pull/7#issuecomment-9)');
});

test('a job of a review comment links to it', () => {
  const { comment: _none, ...others } = origin;
  const review = { id: 'review-comment-9' as const, createdAt: '2026-03-01T12:00:00Z' };
  const thread = { number: 7, kind: 'pull-request' as const };
  expect(formatJobLink(computeJob({ origin: { ...others, thread, review } }))).toContain(
    '(/acme/ops/pull/7#discussion_r9)',
  );
});

test.each([
  ['of a workflow without a thread', { origin: { ...origin, thread: undefined, comment: undefined } }],
  ['of a workflow with reply-to', { origin: { ...origin, comment: undefined } }],
  ['with a name that is none', { origin: { ...origin, repository: { id: 1, name: 'a/b) <script>' } } }],
  ['whose origin is only a claim', { startedBy: { kind: 'key', name: 'x', entry: false, you: false } }],
] as const)('a job %s has no link', (_what, changes) => {
  const job = { ...computeJob(), ...changes } as ReturnType<typeof computeJob>;
  expect(formatJobLink(job)).toBe('`job-aaaaaaaa`');
});

test('a command about a job has the prefix of its repository', () => {
  const notes = { prefix: 'crew' };
  expect(formatJobCommand(computeJob({ origin: { ...origin, notes } }), 'retry')).toBe(
    '`/crew retry job-aaaaaaaa`',
  );
});

test('the earliest expiry counts, and links without one have none', () => {
  const at = (se: string) => `https://crew.blob.core.windows.net/x?se=${encodeURIComponent(se)}`;
  const times = ['2026-03-09T12:00:00Z', '2026-03-08T12:00:00Z', 'never'].map(at);
  expect(formatLinkExpiry(computeJob(), [undefined, ...times])).toBe(
    '<sub>Links work until 2026-03-08 12:00 UTC. `/status job-aaaaaaaa` gets new ones.</sub>',
  );
  expect(formatLinkExpiry(computeJob(), [undefined, 'https://crew.blob.core.windows.net/x'])).toBeUndefined();
});
