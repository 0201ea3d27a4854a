import { expect, test } from '@jest/globals';
import { refreshReply } from '../../../chatops/reply/index.ts';
import { compute } from './jobs.ts';

test.each([
  [2_399, false],
  [2_400, true],
])('on a thread of %i comments, that it is nearly full is said: %j', (comments, isSaid) => {
  const job = compute({ origin: { ...compute().origin, notes: { comments } } });
  const { body } = refreshReply(undefined, { comment: 9, jobs: [job], isPublic: false });
  expect(body.includes(`This thread has ${comments} comments`)).toBe(isSaid);
});
