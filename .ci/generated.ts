import { readFile } from 'node:fs/promises';
import { buildActionFile, actionBundleFiles } from './action-bundle.ts';
import { buildActionPage } from './docs/action.ts';
import { commandsPage } from './docs/commands.ts';
import { policyPage } from './docs/policy.ts';
import { policySchema } from './docs/policy-schema.ts';

/** A file of the repository that is made from the source and kept with it. `path`: from the repository's root. */
export type GeneratedFile = { path: string; make: () => string | Promise<string> };

/** Every generated file. `node .ci/generate.ts` writes them, and a test holds them against the source. */
export const generatedFiles: readonly GeneratedFile[] = [
  { path: 'docs/commands.md', make: commandsPage },
  { path: 'docs/policy.md', make: policyPage },
  { path: 'docs/coxswain.schema.json', make: policySchema },
  { path: 'docs/action.md', make: buildActionPage },
  ...actionBundleFiles.map((path) => ({ path, make: () => buildActionFile(path) })),
];

/** Whether a file is what would be made of it now; one that is not there is not. */
export const isCurrent = async ({ path, make }: GeneratedFile): Promise<boolean> => {
  const [existing, expected] = await Promise.all([readFile(path, 'utf8').catch(() => undefined), make()]);
  return existing === expected;
};
