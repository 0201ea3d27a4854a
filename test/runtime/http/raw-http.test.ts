import { expect, test } from '@jest/globals';
import { rawHttp } from '../../../bench/chaos/searches/raw-http/raw-http.ts';

/* A fixed share of the search of the chaos test (`npm run chaos -- --search raw-http`). */
test('no malformed request to any server of ours is answered with 5xx, or not at all', async () => {
  expect(await rawHttp.run(10, 2_500)).toEqual([]);
}, 300_000);
