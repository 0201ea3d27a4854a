import { expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../.ci/verify/run.ts';
import { waitUntil } from '../fixtures/wait-until.ts';

test('a program that is aborted has ended when its result is there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-run-'));
  const exists = (name: string) => existsSync(join(folder, name));
  const script = `trap 'sleep 0.2; echo > ended; exit 3' TERM; echo > started; while :; do sleep 0.05; done`;
  const stopping = new AbortController();
  try {
    const result = run(['sh', '-c', script], { folder, signal: stopping.signal });
    await waitUntil('the start', () => exists('started'));
    stopping.abort();
    expect((await result).code).toBe(3);
    expect(exists('ended')).toBe(true);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a program that is missing has the code 127', async () => {
  expect(await run(['coxswain-no-such-program'])).toMatchObject({ code: 127, stdout: '' });
});
