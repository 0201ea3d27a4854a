import { expect, test } from '@jest/globals';
import type { Logger } from '../../runtime/log.ts';
import { ThrottledLog } from '../../runtime/throttled-log.ts';

test('a flood of warnings is 20 lines a minute, and the next one says how many were omitted', () => {
  const lines: object[] = [];
  let now = 5;
  const log = { warn: (fields: object) => void lines.push(fields) } as unknown as Logger;
  const throttled = new ThrottledLog(log, () => now);
  for (let n = 1; n <= 1_000; n += 1) throttled.warn({ n }, 'refused');
  expect(lines).toEqual(Array.from({ length: 20 }, (_, n) => ({ n: n + 1 })));
  now += 59_999;
  throttled.warn({ n: 1_001 }, 'refused');
  expect(lines).toHaveLength(20);
  now += 1;
  throttled.warn({ n: 1_002 }, 'refused');
  throttled.warn({ n: 1_003 }, 'refused');
  expect(lines.slice(20)).toEqual([{ n: 1_002, omitted: 981 }, { n: 1_003 }]);
});
