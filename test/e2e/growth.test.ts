import { expect, test } from '@jest/globals';
import { findThrowingTexts } from '../../bench/chaos/searches/growth/growth.ts';

/* How long such work takes is measured by `npm run chaos -- --search growth`, and nothing of it here. */

test('no text of strangers throws, whatever works on it', async () => {
  expect(await findThrowingTexts(20_261_130, 8)).toEqual([]);
}, 300_000);
