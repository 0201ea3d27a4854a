import { describe, expect, test } from '@jest/globals';
import { RequestError } from '@octokit/request-error';
import { classifyResponse, classifyError, getRateLimitWait } from '../../../chatops/github/classify-error.ts';

/*
 * GitHub's answers as its documents and its users show them: docs.github.com "Rate limits for the REST API", "Best practices for using
 * the REST API", "Troubleshooting the REST API"; messages also as they stand in public issues of clients.
 */

const now = Date.parse('2026-03-01T12:00:00Z');
const inSeconds = (seconds: number): string => String(now / 1_000 + seconds);
const docs = 'https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits';
const creation =
  'You have triggered an abuse detection mechanism and have been temporarily blocked from content creation. Please retry your request again later.';
const limited = (retryAfterSeconds: number | null) => ({ kind: 'rate-limited', retryAfterSeconds });
const invalid = (message: string, code = 'custom', more: object = {}) => ({
  message: 'Validation Failed',
  errors: [{ resource: 'IssueComment', code, field: 'data', message, ...more }],
  documentation_url: 'https://docs.github.com/rest/issues/comments#create-an-issue-comment',
});

test.each([
  // Primary limits: 403 or 429, `x-ratelimit-remaining: 0`, and the time of the reset.
  [
    'primary limit',
    403,
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(600) },
    { message: 'API rate limit exceeded for installation ID 3.' },
    limited(601),
  ],
  [
    'primary limit, 429',
    429,
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(-5) },
    { message: 'API rate limit exceeded for user ID 1.' },
    limited(0),
  ],
  [
    'primary limit without headers',
    403,
    {},
    { message: 'API rate limit exceeded for 203.0.113.7.' },
    limited(null),
  ],
  // Secondary limits: 403 or 429, with `retry-after` or not, on reads too.
  [
    'secondary limit with a time',
    403,
    { 'retry-after': '60' },
    { message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.' },
    limited(60),
  ],
  [
    'secondary limit without a time',
    403,
    { 'x-ratelimit-remaining': '4987', 'x-ratelimit-reset': inSeconds(3_000) },
    {
      message:
        'You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry your request again later.',
    },
    limited(null),
  ],
  [
    'secondary limit by its page alone',
    403,
    {},
    { message: 'Forbidden', documentation_url: docs },
    limited(null),
  ],
  ['429 without a word', 429, {}, '', limited(null)],
  ['429 with a date', 429, { 'retry-after': 'Sun, 01 Mar 2026 12:02:00 GMT' }, '', limited(120)],
  ['abuse, while writing', 403, {}, { message: creation }, limited(null)],
  [
    'abuse, while reading',
    403,
    {},
    {
      message:
        'You have triggered an abuse detection mechanism. Please wait a few minutes before you try again.',
    },
    limited(null),
  ],
  ['abuse with a time', 403, { 'retry-after': '30' }, { message: creation }, limited(30)],
  ['submitted too quickly', 422, {}, invalid('was submitted too quickly'), limited(null)],
  [
    'submitted too quickly, with a time',
    422,
    { 'retry-after': '5' },
    invalid('was submitted too quickly'),
    limited(5),
  ],
  ['abuse, as the code of an error', 422, {}, invalid('', 'abuse'), limited(null)],
  ['spam', 422, {}, { message: 'Validation failed, or the endpoint has been spammed.' }, limited(null)],
  [
    'an error that is only a text',
    422,
    {},
    { message: 'Validation Failed', errors: ['was submitted too quickly'] },
    limited(null),
  ],
  // Threads that take no writes.
  [
    'locked',
    403,
    {},
    { message: 'Unable to create comment because issue is locked.' },
    { kind: 'locked-or-archived' },
  ],
  [
    'archived',
    403,
    {},
    { message: 'Repository was archived so is read-only.' },
    { kind: 'locked-or-archived' },
  ],
  [
    'full',
    403,
    {},
    { message: 'Commenting is disabled on issues with more than 2500 comments' },
    { kind: 'locked-or-archived' },
  ],
  ['locked, as a validation', 422, {}, invalid('issue is locked'), { kind: 'locked-or-archived' }],
  // What a credential may not.
  ['not permitted', 403, {}, { message: 'Resource not accessible by integration' }, { kind: 'forbidden' }],
  [
    'single sign-on',
    403,
    {},
    { message: 'Resource protected by organization SAML enforcement.' },
    { kind: 'forbidden' },
  ],
  ['suspended', 403, {}, { message: 'This installation has been suspended' }, { kind: 'forbidden' }],
  ['blocked', 403, {}, { message: 'Repository access blocked' }, { kind: 'forbidden' }],
  ['for legal reasons', 451, {}, { message: 'Repository access blocked' }, { kind: 'forbidden' }],
  ['a bad credential', 401, {}, { message: 'Bad credentials' }, { kind: 'unauthorized' }],
  ['not found', 404, {}, { message: 'Not Found' }, { kind: 'not-found' }],
  ['deleted', 410, {}, { message: 'This issue was deleted' }, { kind: 'not-found' }],
  // Wrong requests, whatever they quote.
  [
    'too long',
    422,
    {},
    invalid('Body is too long (maximum is 65536 characters)', 'unprocessable'),
    { kind: 'invalid' },
  ],
  [
    'a value that speaks of limits',
    422,
    {},
    invalid('is invalid', 'invalid', { value: 'was submitted too quickly: abuse, rate limit, locked' }),
    { kind: 'invalid' },
  ],
  [
    'the last call of the hour is wrong',
    422,
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(600) },
    invalid('Body is too long'),
    { kind: 'invalid' },
  ],
  ['a conflict', 409, {}, { message: 'Git Repository is empty.' }, { kind: 'invalid' }],
  ['problems parsing JSON', 400, {}, { message: 'Problems parsing JSON' }, { kind: 'invalid' }],
  // Faults that pass.
  ['a fault', 500, {}, { message: 'Server Error' }, { kind: 'transient' }],
  ['no gateway', 502, {}, '<html>Bad Gateway</html>', { kind: 'transient' }],
  ['unavailable', 503, { 'retry-after': '5' }, { message: 'Service Unavailable' }, { kind: 'transient' }],
  ['a timeout', 504, {}, '', { kind: 'transient' }],
  ['too slow', 408, {}, '', { kind: 'transient' }],
] as const)('%s', (_what, status, headers, body, expected) => {
  expect(classifyResponse({ status, headers, body }, now)).toEqual(expected);
  const response = { status, headers, data: body, url: 'https://api.github.com/', retryCount: 0 };
  const request = { method: 'POST', url: 'https://api.github.com/', headers: {} } as const;
  const fault = new RequestError('in words', status, { request, response });
  expect(classifyError(fault, now)).toEqual(
    typeof body === 'string' ? classifyResponse({ status, headers, body: 'in words' }, now) : expected,
  );
});

test.each([new Error('fetch failed'), undefined, 'text', { status: 'x' }])(
  'no answer of GitHub: %p',
  (fault) => {
    expect(classifyError(fault)).toBeUndefined();
  },
);

test.each([
  ['fast', -600],
  ['slow', 600],
])('a reset counts by the clock of GitHub where ours is %s', (_what, skew) => {
  const date = new Date(now).toUTCString();
  const reset = inSeconds(60);
  const headers = { date, 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset };
  const ours = now - skew * 1_000;
  expect(classifyResponse({ status: 403, headers, body: '' }, ours)).toEqual(limited(61));
  const until = { date, 'retry-after': new Date(now + 30_000).toUTCString() };
  expect(classifyResponse({ status: 429, headers: until, body: '' }, ours)).toEqual(limited(30));
  expect(classifyResponse({ status: 403, headers: { ...headers, date: 'no date' }, body: '' }, now)).toEqual(
    limited(61),
  );
});

describe('the wait', () => {
  test.each([
    ['as long as GitHub says, and a little more', 5, 9, 5_000],
    ['a minute where it says nothing', null, 0, 60_000],
    ['twice as long each time', null, 3, 480_000],
    ['an hour at most', null, 30, 3_600_000],
    ['a second at least', 0, 0, 1_000],
    ['longer each time where that is less than a second', 0, 3, 8_000],
    ['a minute at most then', 0, 30, 60_000],
    ['what GitHub names beyond that', 90, 30, 90_000],
  ])('%s', (_what, retryAfterSeconds, before, expected) => {
    const kind = { kind: 'rate-limited', retryAfterSeconds } as const;
    expect(getRateLimitWait(kind, before, () => 0)).toBe(expected);
    expect(getRateLimitWait(kind, before, () => 1)).toBe(expected * 1.1 + 1_000);
  });
});
