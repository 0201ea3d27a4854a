import { expect, test } from '@jest/globals';
import { generated, isCurrent } from '../../.ci/generated.ts';

test.each(generated)('$path is what "node .ci/generate.ts" makes of the source', async (file) => {
  expect(await isCurrent(file)).toBe(true);
});
