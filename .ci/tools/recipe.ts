import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { printResult, type CheckResult } from '../verify/check-result.ts';
import { run } from '../verify/run.ts';
import { cacheFolder } from './cache-folder.ts';

/** A command that fills the folder of a recipe. `folder`: its working directory. */
export type Step = {
  command: [string, ...string[]];
  environment?: Readonly<Record<string, string>>;
  folder?: string;
};

/** How to install programs into a folder of their own in the cache. */
export type Recipe<Tool extends string = string> = {
  tools: readonly Tool[];
  /** The name of the folder in the cache. Each version has its own folder. */
  folder: string;
  /** A command that succeeds if the tools can be installed. */
  needs: { command: [string, ...string[]]; why: string };
  /** Returns the commands that fill the folder, in order. The programs belong in its subfolder `bin`. */
  steps: (folder: string) => readonly Step[];
};

/** Tools that cannot be installed on this machine, and the reason. */
export type Missing = { tools: readonly string[]; why: string };

/** Returns the folder of a recipe in the cache. */
export const toFolder = ({ folder }: Pick<Recipe, 'folder'>): string => join(cacheFolder(), folder);

/** Returns the path of a program of a recipe. */
export const toToolPath = <Tool extends string>(recipe: Recipe<Tool>, tool: Tool): string =>
  join(toFolder(recipe), 'bin', tool);

/** Large programs take minutes on a small machine: the limit only ends what hangs. */
const limitSeconds = 3600;

/**
 * Installs tools into a temporary folder, which is then renamed, so that an interrupted installation is never used. Stops at the first
 * command that fails.
 */
const install = async (
  { tools, steps }: Recipe,
  folder: string,
  signal?: AbortSignal,
): Promise<CheckResult> => {
  const draft = `${folder}.${process.pid}`;
  await mkdir(dirname(folder), { recursive: true });
  const name = `installing ${tools.join(', ')} into ${folder}`;
  const progress = printMinutes(`still installing ${tools.join(', ')}`);
  try {
    for (const { command, environment, folder: cwd } of steps(draft)) {
      const { code, output } = await run(command, { environment, folder: cwd, limitSeconds, signal });
      if (code !== 0) return { name, wrong: [`"${command.join(' ')}" exited with ${code}`], output: output };
    }
    await rename(draft, folder);
    return { name, wrong: [], output: '' };
  } finally {
    clearInterval(progress);
    await rm(draft, { recursive: true, force: true });
  }
};

/** Prints a line every minute, with the time that has passed, until the timer is cleared. */
const printMinutes = (what: string): NodeJS.Timeout => {
  let minutes = 0;
  return setInterval(() => console.log(`${what}: ${(minutes += 1)} min`), 60_000);
};

/**
 * Installs the tools of recipes if necessary. Returns the paths of the tools, the results of the installations, and the tools that this
 * machine cannot have.
 * @param signal ends the installations
 */
export const installRecipes = async <Tool extends string>(
  recipes: readonly Recipe<Tool>[],
  signal?: AbortSignal,
): Promise<{ tools: { [Name in Tool]?: string }; installed: CheckResult[]; missing: Missing[] }> => {
  const tools: { [Name in Tool]?: string } = {};
  const installed: CheckResult[] = [];
  const missing: Missing[] = [];
  for (const recipe of recipes) {
    const folder = toFolder(recipe);
    if (!existsSync(folder)) {
      const { code } = await run(recipe.needs.command);
      if (code === 0) installed.push(await printResult(install(recipe, folder, signal)));
      else missing.push({ tools: recipe.tools, why: recipe.needs.why });
    }
    if (existsSync(folder)) for (const tool of recipe.tools) tools[tool] = toToolPath(recipe, tool);
  }
  return { tools, installed, missing };
};
