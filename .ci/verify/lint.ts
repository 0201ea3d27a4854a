import { glob } from 'node:fs/promises';
import { told, type Check } from './check-result.ts';
import { run } from './run.ts';
import type { Tools } from './tools.ts';

/** Runs the linters that are there over the workflows, action.yml and the shell scripts. Any finding fails. */
export const lint = async ({ actionlint, zizmor, shellcheck }: Tools): Promise<Check[]> => {
  const workflows = await Array.fromAsync(glob('.github/workflows/*.yml'));
  const found: Check[] = [];
  if (actionlint) {
    const scripts = shellcheck ? ['-shellcheck', shellcheck] : [];
    found.push(await told(look('actionlint', [actionlint, '-no-color', ...scripts, ...workflows])));
  }
  if (zizmor) {
    const alone = ['--offline', '--quiet', '--color=never', '--strict-collection'];
    found.push(await told(look('zizmor', [zizmor, ...alone, '.github', 'action.yml'])));
  }
  if (shellcheck) found.push(await told(look('shellcheck', [shellcheck, '.ci/run', '.ci/release'])));
  return found;
};

const look = async (name: string, command: readonly [string, ...string[]]): Promise<Check> => {
  const { code, output } = await run(command);
  return { name, wrong: code === 0 ? [] : [`ended with ${code}`], said: output };
};
