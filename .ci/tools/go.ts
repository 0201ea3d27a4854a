import { join } from 'node:path';
import type { Recipe } from './recipe.ts';

/** What every recipe that builds Go programs needs. */
export const needsGo: Recipe['needs'] = {
  command: ['go', 'version'],
  why: 'Go is not installed (https://go.dev/dl)',
};

/** Returns the recipe of a program that `go install` builds from its package. */
export const goTool = <Tool extends string>(tool: Tool, path: string, version: string): Recipe<Tool> => ({
  tools: [tool],
  folder: `${tool}-${version}`,
  needs: needsGo,
  steps: (folder) => [
    { command: ['go', 'install', `${path}@v${version}`], environment: { GOBIN: join(folder, 'bin') } },
  ],
});

/** helm, for the checks of the chart and for the tests on a cluster. */
export const helmRecipe = goTool('helm', 'helm.sh/helm/v4/cmd/helm', '4.3.1');
