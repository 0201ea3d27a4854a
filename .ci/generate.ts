import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { chdir } from 'node:process';
import { generatedFiles, isCurrent } from './generated.ts';

/* `node .ci/generate.ts` updates the generated files. With `--check`, it only lists outdated files and exits with 1. */

chdir(join(import.meta.dirname, '..'));
const check = process.argv.includes('--check');

for (const file of generatedFiles) {
  if (await isCurrent(file)) continue;
  if (check) process.exitCode = 1;
  else {
    await mkdir(dirname(file.path), { recursive: true });
    await writeFile(file.path, await file.make());
  }
  console.log(check ? `${file.path} is outdated: run "node .ci/generate.ts"` : `${file.path} written`);
}
