import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import type { GitHubEmulator } from '../../../local/github-emulator/github-emulator.ts';
import { findSchemaFaults } from '../../fixtures/github/schemas.ts';
import {
  createUserClient,
  createInstallationClient,
  openTestEmulator,
  createTemporaryFolder,
  type ApiClient,
} from '../../fixtures/github-emulator.ts';

const comments = '/repos/acme/ops/issues/1/comments';
const repository = '/repos/acme/ops';

describe('limits and faults', () => {
  const { folder, remove } = createTemporaryFolder();
  let emulator: GitHubEmulator;
  let mona: ApiClient;
  let bot: ApiClient;

  beforeAll(async () => {
    emulator = await openTestEmulator(folder);
    mona = createUserClient(emulator, 'maintain');
    bot = await createInstallationClient(emulator);
  });
  afterAll(async () => {
    await emulator.close();
    remove();
  });
  beforeEach(() => emulator.testControl.setRateLimit(1_000));

  const count = async (): Promise<number> => ((await mona('GET', comments)).body as object[]).length;
  const numbersOf = (headers: Headers) =>
    ['limit', 'remaining', 'used', 'resource'].map((name) => headers.get(`x-ratelimit-${name}`));

  test('each response contains the remaining calls; a 304 does not count', async () => {
    const first = await bot('GET', repository);
    expect(numbersOf(first.headers)).toEqual(['1000', '999', '1', 'core']);
    expect(Number(first.headers.get('x-ratelimit-reset'))).toBeGreaterThan(Date.now() / 1000);
    const known = { 'if-none-match': first.headers.get('etag') ?? '' };
    const again = await bot('GET', repository, undefined, known);
    expect([again.status, (await bot('GET', repository)).headers.get('x-ratelimit-used')]).toEqual([
      304,
      '2',
    ]);
    const overview = await bot('GET', '/rate_limit');
    expect(findSchemaFaults(overview.body, 'rate-limit-overview')).toEqual([]);
    expect(overview.body).toMatchObject({ rate: { limit: 1_000, remaining: 998, used: 2 } });
    expect((await mona('GET', repository)).headers.get('x-ratelimit-used')).toBe('1');
  });

  test('only a caller without remaining calls is refused', async () => {
    emulator.testControl.setRateLimit(1);
    await bot('GET', repository);
    const refused = await bot('POST', comments, { body: 'x' });
    expect([refused.status, numbersOf(refused.headers)]).toEqual([403, ['1', '0', '1', 'core']]);
    expect((await mona('GET', repository)).status).toBe(200);
    emulator.testControl.setRateLimit(1_000);
    expect((await bot('GET', repository)).status).toBe(200);
  });

  test.each([
    ['the primary limit', { kind: 'primary-limit', resetSeconds: 60 }, 403, /^API rate limit exceeded/],
    [
      'the secondary limit',
      { kind: 'secondary-limit', status: 429, retryAfterSeconds: 7 },
      429,
      /secondary rate limit/,
    ],
    ['an error', { kind: 'error', status: 502 }, 502, /^Server Error$/],
  ] as const)('%s affects as many calls of that kind as planned', async (_what, failure, status, message) => {
    emulator.testControl.injectFault({ times: 2, method: 'POST', path: /\/comments$/, failure });
    const before = await count();
    for (let n = 0; n < 2; n += 1) {
      const { status: given, body, headers } = await bot('POST', comments, { body: 'x' });
      expect([given, findSchemaFaults(body, 'basic-error')]).toEqual([status, []]);
      expect((body as { message: string }).message).toMatch(message);
      if (failure.kind === 'primary-limit') expect(headers.get('x-ratelimit-remaining')).toBe('0');
      expect(headers.get('retry-after')).toBe(failure.kind === 'secondary-limit' ? '7' : null);
      expect(await count()).toBe(before);
    }
    expect((await bot('POST', comments, { body: 'x' })).status).toBe(201);
  });

  test.each([
    ['before', 0],
    ['after', 1],
  ] as const)('a connection is cut %s the work is done', async (when, written) => {
    const before = await count();
    emulator.testControl.injectFault({ times: 1, method: 'POST', failure: { kind: 'cut', when } });
    await expect(bot('POST', comments, { body: 'x' })).rejects.toThrow('fetch failed');
    expect(await count()).toBe(before + written);
  });

  test('an answer that is slow comes in the end, or ends with the sandbox', async () => {
    emulator.testControl.injectFault({ times: 1, failure: { kind: 'slow', milliseconds: 10 } });
    expect((await bot('GET', repository)).status).toBe(200);
    emulator.testControl.injectFault({
      times: 1,
      path: /\/issues\/1$/,
      failure: { kind: 'slow', milliseconds: 3_600_000 },
    });
    const slow = bot('GET', '/repos/acme/ops/issues/1').catch((error: unknown) => error);
    expect((await bot('GET', repository)).status).toBe(200);
    await emulator.close();
    await slow;
  });
});
