import { glob } from 'node:fs/promises';
import { dockerfiles } from '../images/build-images.ts';
import { printResult, type CheckResult } from './check-result.ts';
import { run } from './run.ts';
import type { Tools } from './tools.ts';

/** Runs the installed linters on the workflows, action.yml, the shell scripts and the Dockerfiles. Any finding fails. */
export const lint = async ({ actionlint, zizmor, shellcheck, hadolint }: Tools): Promise<CheckResult[]> => {
  const workflows = await Array.fromAsync(glob('.github/workflows/*.yml'));
  const found: CheckResult[] = [];
  if (actionlint) {
    const scripts = shellcheck ? ['-shellcheck', shellcheck] : [];
    found.push(
      await printResult(runLinter('actionlint', [actionlint, '-no-color', ...scripts, ...workflows])),
    );
  }
  if (zizmor) {
    const alone = ['--offline', '--quiet', '--color=never', '--strict-collection'];
    found.push(await printResult(runLinter('zizmor', [zizmor, ...alone, '.github', 'action.yml'])));
  }
  if (shellcheck)
    found.push(await printResult(runLinter('shellcheck', [shellcheck, '.ci/run', '.ci/release'])));
  if (hadolint)
    found.push(await printResult(runLinter('hadolint', [hadolint, ...Object.values(dockerfiles)])));
  return found;
};

const runLinter = async (name: string, command: readonly [string, ...string[]]): Promise<CheckResult> => {
  const { code, output } = await run(command);
  return { name, wrong: code === 0 ? [] : [`exited with ${code}`], output: output };
};
