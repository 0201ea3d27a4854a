import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { chdir } from 'node:process';
import { generatedFiles, isCurrent } from './generated.ts';

/* `node .ci/generate.ts` writes the generated files anew; with `--check` it only names those that are not current, and ends with 1. */

chdir(join(import.meta.dirname, '..'));
const check = process.argv.includes('--check');

for (const file of generatedFiles) {
  if (await isCurrent(file)) continue;
  if (check) process.exitCode = 1;
  else {
    await mkdir(dirname(file.path), { recursive: true });
    await writeFile(file.path, await file.make());
  }
  console.log(check ? `${file.path} is not current: run "node .ci/generate.ts"` : `${file.path} written`);
}
