import { expect, test } from '@jest/globals';
import { readdir } from 'node:fs/promises';
import { actionBundleFiles } from '../../.ci/action-bundle.ts';
import { generatedFiles, isCurrent } from '../../.ci/generated.ts';

test.each(generatedFiles)('$path is what "node .ci/generate.ts" makes of the source', async (file) => {
  expect(await isCurrent(file)).toBe(true);
});

test('the Action’s bundle has no file that is no longer generated', async () => {
  const kept = await readdir('action/dist');
  expect(kept.map((name) => `action/dist/${name}`).toSorted()).toEqual(actionBundleFiles.toSorted());
});
