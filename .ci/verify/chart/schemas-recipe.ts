import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { needsGo } from '../../tools/go.ts';
import type { Recipe } from '../../tools/recipe.ts';

const program = join(import.meta.dirname, 'install-schemas.ts');
const sources = [
  program,
  join(import.meta.dirname, 'strict-schema.ts'),
  join(import.meta.dirname, 'platforms.ts'),
];

const hashSources = (): string => {
  const hash = createHash('sha256');
  for (const source of sources) hash.update(readFileSync(source));
  return hash.digest('hex').slice(0, 12);
};

/** The schemas for kubeconform. They are made again when their versions or the conversion change. */
export const schemasRecipe: Recipe<'schemas'> = {
  tools: ['schemas'],
  folder: `kubernetes-schemas-${hashSources()}`,
  needs: needsGo,
  steps: (folder) => [{ command: [process.execPath, program, join(folder, 'bin', 'schemas')] }],
};
