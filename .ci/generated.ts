import { readFile } from 'node:fs/promises';
import { buildActionFile, actionBundleFiles } from './action-bundle.ts';
import { buildActionPage } from './docs/action.ts';
import { buildChartPage } from './docs/chart.ts';
import { buildCliPage } from './docs/cli.ts';
import { commandsPage } from './docs/commands.ts';
import { buildConfigurationPage } from './docs/configuration.ts';
import { renderPolicyPage } from './docs/policy.ts';
import { renderPolicySchema } from './docs/policy-schema.ts';
import { renderScalingChart } from './docs/scaling-chart.ts';

/** A file that is generated from the source and checked in. `path`: relative to the root of the repository. */
export type GeneratedFile = { path: string; make: () => string | Promise<string> };

/** All generated files. `node .ci/generate.ts` writes them, and a test compares them with the source. */
export const generatedFiles: readonly GeneratedFile[] = [
  { path: 'docs/commands.md', make: commandsPage },
  { path: 'docs/policy.md', make: renderPolicyPage },
  { path: 'docs/coxswain.schema.json', make: renderPolicySchema },
  { path: 'docs/action.md', make: buildActionPage },
  { path: 'docs/cli.md', make: buildCliPage },
  { path: 'docs/configuration.md', make: buildConfigurationPage },
  { path: 'charts/coxswain/README.md', make: buildChartPage },
  { path: 'docs/scaling.svg', make: renderScalingChart },
  ...actionBundleFiles.map((path) => ({ path, make: () => buildActionFile(path) })),
];

/** Returns whether a file exists and is up to date. */
export const isCurrent = async ({ path, make }: GeneratedFile): Promise<boolean> => {
  const [existing, expected] = await Promise.all([readFile(path, 'utf8').catch(() => undefined), make()]);
  return existing === expected;
};
