import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

test('without Go, Python and npm, `npm run verify` names what is missing and succeeds', () => {
  const folder = mkdtempSync(join(tmpdir(), 'coxswain-verify-'));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['.ci/verify.ts'], {
    encoding: 'utf8',
    env: { PATH: folder, COXSWAIN_CACHE: join(folder, 'cache') },
  });
  expect([status, stderr]).toEqual([0, '']);
  const skipped = [
    ...stdout.matchAll(/^skipped (.*): (Go|Python 3|npm|buildah|building and running images) .*$/gm),
  ].flatMap(([, tools = '', needs]) => tools.split(', ').map((tool) => `${tool}: ${needs}`));
  expect(skipped.filter((line) => !line.startsWith('images: ')).sort()).toEqual(
    [
      ...['act', 'actionlint', 'helm', 'kubeconform', 'schemas'].map((tool) => `${tool}: Go`),
      ...['az', 'checkov', 'hadolint', 'python', 'shellcheck', 'zizmor'].map((tool) => `${tool}: Python 3`),
      'node22: npm',
    ].sort(),
  );
  expect(skipped.at(-1)).toMatch(/^images: (?:buildah|building and running images)$/);
  expect(stdout).toContain(`verify: 0 passed, 0 failed, ${skipped.length} skipped`);
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});
