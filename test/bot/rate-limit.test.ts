import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { BotFixture, waitUntil } from '../fixtures/bot-fixture.ts';

describe('with throttling, as on github.com', () => {
  let bench: BotFixture;
  beforeEach(async () => {
    bench = await new BotFixture().open();
    await bench.start({ GITHUB_THROTTLE: 'on' });
  });
  afterEach(() => bench.close());

  test('a secondary rate limit is waited for, then the reply is written', async () => {
    const limit = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
    bench.github.fail(/^POST .*\/issues\/1\/comments$/, 403, limit, 1, { 'retry-after': '1' });
    const { comment } = await bench.postComment('/help');
    await bench.waitForReply(comment);
    const creations = bench.github.calls.filter(
      ({ method, path }) => method === 'POST' && path.endsWith('/1/comments'),
    );
    expect(creations).toHaveLength(2);
    await waitUntil('the note', () => bench.logged.some(({ msg }) => msg.startsWith('rate limit: POST')));
    expect(bench.logged.filter(({ msg }) => msg.startsWith('could not write a reply'))).toEqual([]);
  });
});
