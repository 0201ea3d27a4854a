import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { deriveCommentJobId, deriveWorkflowJobId } from '../../../chatops/job/job-id.ts';

const key = {
  host: 'github.com',
  repository: 1_296_269,
  comment: 492_700_400,
  command: '/compute 1000',
  occurrence: 1,
};

test('the id of a job is a public format: it does not change', () => {
  expect(deriveCommentJobId(key)).toBe('job-d2f72eac191c0ec9f63105bdc6d15a2b');
});

test('it is the sha256 of six lines, as a shell makes it', () => {
  const script = String.raw`printf 'v1\ngithub.com\n1296269\nissue_comment 492700400\n/compute 1000\n1' | sha256sum | cut -c1-32`;
  expect(deriveCommentJobId(key)).toBe(
    `job-${execFileSync('sh', ['-c', script], { encoding: 'utf8' }).trim()}`,
  );
});

test.each([
  ['review-comment-492700400', 'pull_request_review_comment 492700400'],
  ['review-492700400', 'pull_request_review 492700400'],
] as const)('the job of %s has the line "%s"', (comment, line) => {
  const lines = ['v1', 'github.com', '1296269', line, '/compute 1000', '1'];
  expect(deriveCommentJobId({ ...key, comment })).toBe(idOf(lines));
});

test('each line makes another id', () => {
  const others = [
    { ...key, host: 'ghe.acme.example' },
    { ...key, repository: 2 },
    { ...key, comment: 2 },
    { ...key, command: '/compute 100' },
    { ...key, occurrence: 2 },
  ];
  expect(new Set([key, ...others].map(deriveCommentJobId)).size).toBe(6);
});

test('a workflow’s job: the lines of docs/formats.md', () => {
  const step = { run: '7000000001', job: 'stop', step: '__coxswain', attempt: 1, key: '' };
  const key = { host: 'github.com', repository: 1296269, step, command: '/run Hello who="a\nb"' };
  const lines = [
    'v1',
    'github.com',
    '1296269',
    '7000000001',
    'stop',
    '__coxswain',
    String.raw`/run Hello who="a\nb"`,
    '',
  ];
  expect(deriveWorkflowJobId(key)).toBe(idOf(lines));
  expect(deriveWorkflowJobId({ ...key, step: { ...step, attempt: 2 } })).toBe(idOf([...lines, 'attempt 2']));
});

const idOf = (lines: readonly string[]): string =>
  `job-${createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 32)}`;
