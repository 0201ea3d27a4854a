import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

test('without Go and Python, `npm run verify` names what is missing and succeeds', () => {
  const folder = mkdtempSync(join(tmpdir(), 'coxswain-verify-'));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['.ci/verify.ts'], {
    encoding: 'utf8',
    env: { PATH: folder, COXSWAIN_CACHE: join(folder, 'cache') },
  });
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^skipped actionlint: Go is not installed/m);
  expect(stdout).toMatch(/^skipped act: Go is not installed/m);
  expect(stdout).toMatch(/^skipped zizmor, shellcheck, hadolint: Python 3 .* is not installed/m);
  expect(stdout).toMatch(/^skipped python: Python 3 .* is not installed/m);
  expect(stdout).toMatch(/^skipped images: (?:buildah is not installed|building images requires root)/m);
  expect(stdout).toMatch(/^verify: 0 passed, 0 failed, 8 skipped/m);
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});
