import { expect, test } from '@jest/globals';
import { openSecondReader } from '../../bot/second-reader.ts';
import { createLogger } from '../../runtime/log.ts';

test('a comment is read in another process; one that takes too long is not seen, and the next one is', async () => {
  const { read, close } = openSecondReader(createLogger('test'), {
    maxMilliseconds: 60_000,
    maxMegabytes: 192,
  });
  expect(await read('a\n\n/run A\n\n`\n/run B\n`', [3, 13])).toEqual([true, false]);
  await close();
  // This takes a minute on an idle machine.
  const slow = `/run A\n\n${'_a*'.repeat(21_000)}`;
  const limited = openSecondReader(createLogger('test'), { maxMilliseconds: 300, maxMegabytes: 192 });
  expect(await limited.read(slow, [0])).toEqual([]);
  await limited.close();
});
