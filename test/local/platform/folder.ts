import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';

/** Data folders of this test file's own, removed at its end. */
export const folders = (): (() => string) => {
  const made: string[] = [];
  afterAll(() => made.forEach((folder) => rmSync(folder, { recursive: true })));
  return () => {
    const folder = mkdtempSync(join(tmpdir(), 'coxswain-cli-'));
    made.push(folder);
    return folder;
  };
};
