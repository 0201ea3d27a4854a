import { hash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeOrchestratorPackage } from './package-orchestrator.ts';

/* `npm run package` writes dist/orchestrator.zip, which Azure Functions runs. */

const root = join(import.meta.dirname, '..');
const file = 'dist/orchestrator.zip';
await writeOrchestratorPackage(root, join(root, file));
const { size } = await stat(join(root, file));
console.log(
  `${file}  ${Math.round(size / 1024)} kB  sha256 ${hash('sha256', await readFile(join(root, file)))}`,
);
