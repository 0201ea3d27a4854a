import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { BotFixture, waitUntil } from '../../fixtures/bot-fixture.ts';
import type { StoredDelivery } from '../../fakes/fake-github.ts';

const delivery = (id: number, guid: string, status: number): StoredDelivery => ({
  id,
  guid,
  delivered_at: new Date(Date.now() - 60_000).toISOString(),
  status_code: status,
  event: 'issue_comment',
});

describe('failed deliveries', () => {
  let bench: BotFixture;
  beforeEach(async () => {
    bench = await new BotFixture().open();
  });
  afterEach(() => bench.close());

  test('are requested again at the start, from all pages; one that GitHub refuses does not block the others', async () => {
    bench.github.deliveries = [
      delivery(9, 'a', 502),
      delivery(8, 'b', 200),
      delivery(7, 'c', 500),
      delivery(6, 'b', 500),
      delivery(5, 'd', 503),
    ];
    bench.github.fail(/deliveries\/7\/attempts/, 404, 'Not Found');
    await bench.start();
    await waitUntil('the attempts', () => bench.github.attempts.length === 2);
    expect(bench.github.attempts).toEqual([9, 5]);
  });

  test('are also requested again later, and an outage of GitHub is logged once', async () => {
    bench.github.fail(/deliveries/, 404, 'Not Found');
    await bench.start({ REDELIVERY_SECONDS: '0.05' });
    const asked = () => bench.github.calls.filter(({ path }) => path === '/app/hook/deliveries').length;
    await waitUntil('some looks', () => asked() > 3);
    expect(
      bench.logged.filter(({ msg }) => msg.startsWith('could not poll for failed deliveries')),
    ).toHaveLength(1);
    bench.github.deliveries = [delivery(9, 'a', 502)];
    bench.github.clearFaults();
    await waitUntil('the attempt', () => bench.github.attempts.includes(9));
  });
});
