import { expect, test } from '@jest/globals';

import { openEmulatorStore } from '../../../local/github-emulator/store/store.ts';
import { createTemporaryFolder } from '../../fixtures/github-emulator.ts';

test('old deliveries are deleted, except those not attempted yet, and ids are not reused', () => {
  const { folder, remove } = createTemporaryFolder();
  const store = openEmulatorStore(folder);
  const insert = () =>
    store.deliveries.insert({ guid: 'g', event: 'issues', action: 'opened', payload: '{}', redelivery: 0 })
      .id;
  const [waiting, first, second, third] = [insert(), insert(), insert(), insert()] as const;
  for (const id of [first, second, third]) {
    store.deliveries.recordAttempt(id, { url: 'http://127.0.0.1/', requestHeaders: '{}' });
    store.deliveries.recordOutcome(id, {
      status: 'OK',
      statusCode: 200,
      duration: 0,
      responseHeaders: '{}',
      responsePayload: '',
    });
  }
  store.deliveries.prune(3, 2);
  expect(store.deliveries.list({ limit: 10 }).map(({ id }) => id)).toEqual([third, second]);
  // By age: all of them are older than tomorrow.
  store.deliveries.prune(-1, 1_000);
  expect(store.deliveries.list({ limit: 10 })).toEqual([]);
  expect(store.deliveries.listWaiting(10).map(({ id }) => id)).toEqual([waiting]);
  expect(insert()).toBe(third + 1);
  store.close();
  remove();
});
