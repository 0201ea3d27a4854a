import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chdir } from 'node:process';
import { orchestrations } from './histories/orchestrations.ts';
import { record } from './histories/record.ts';
import { folders } from './histories/recorded.ts';
import { findDifference, readRecordings } from './histories/replay.ts';
import { scenarios } from './histories/scenarios.ts';

/*
 * `npm run histories` records the histories of the current orchestrations, as those of the last release. A recording that changes moves
 * to the older ones. With `--check`, it replays all recordings, or those in the folders that follow, and exits with 1 if a decision differs.
 */

chdir(join(import.meta.dirname, '..'));

const check = async (checked: readonly string[]): Promise<void> => {
  const recordings = (await Promise.all(checked.map(readRecordings))).flat();
  for (const { path, recording } of recordings) {
    const difference = findDifference(orchestrations, recording);
    if (difference === undefined) continue;
    process.exitCode = 1;
    console.log(`${path}: ${difference}`);
  }
  if (process.exitCode !== 1) console.log(`All ${recordings.length} recordings replay to the same decisions`);
};

const recordAll = async (): Promise<void> => {
  await mkdir(folders.last, { recursive: true });
  for (const [name, scenario] of Object.entries(scenarios)) {
    const path = join(folders.last, `${name}.json`);
    const before = existsSync(path) ? await readFile(path, 'utf8') : undefined;
    const text = JSON.stringify(await record(scenario));
    if (before !== undefined && JSON.stringify(JSON.parse(before)) === text) continue;
    if (before !== undefined) await rename(path, await findFreePath(name));
    await writeFile(path, text);
    execFileSync(join('node_modules', '.bin', 'oxfmt'), [path], { stdio: 'ignore' });
    console.log(`${path} written`);
  }
};

const findFreePath = async (name: string, n = 1): Promise<string> => {
  const path = join(folders.older, `${name}-${n}.json`);
  return existsSync(path) ? findFreePath(name, n + 1) : path;
};

const [, , option, ...named] = process.argv;
await (option === '--check' ? check(named.length > 0 ? named : Object.values(folders)) : recordAll());
