import { expect, test } from '@jest/globals';
import { findThrowingTexts } from '../../bench/chaos/searches/growth/growth.ts';

/* `npm run chaos -- --search growth` measures the time of this work, which these tests do not. */

test('no foreign text makes any subject throw', async () => {
  expect(await findThrowingTexts(20_261_130, 8)).toEqual([]);
}, 300_000);
