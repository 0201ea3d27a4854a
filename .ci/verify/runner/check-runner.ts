import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Releases } from '../../../runtime/lifecycle.ts';
import { findBuildObstacle } from '../../images/buildah.ts';
import { withRunnerImage, type RunnerImage } from '../../images/runner-image.ts';
import type { Missing } from '../../tools/recipe.ts';
import { formatSeconds, printResult, type CheckResult } from '../check-result.ts';
import { findRunObstacle } from '../images.ts';
import { checkThread } from './check-thread.ts';
import { scenarios, type Scenario } from './scenarios.ts';
import { openStage, type Stage } from './stage.ts';

/**
 * Builds the runner's image on a stand-in for the base with the Azure CLI, and runs the sample tasks in it with the real CLI, if this
 * machine can do that.
 * @param az the path of the CLI
 */
export const checkRunner = async (
  az: string | undefined,
): Promise<{ checks: CheckResult[]; missing: Missing[] }> => {
  // Reported with the other tools.
  if (az === undefined) return { checks: [], missing: [] };
  const obstacle = await findRunnerObstacle();
  if (obstacle !== undefined)
    return { checks: [], missing: [{ tools: ['image of the runner'], why: obstacle }] };
  const started = Date.now();
  try {
    const checks = await withRunnerImage(az, async (image) => [
      await printResult(checkContents(image, formatSeconds(started))),
      ...(await runScenarios(image)),
      await printResult(checkThread(image)),
    ]);
    return { checks, missing: [] };
  } catch (error) {
    const failed = { name: 'image runner', wrong: [(error as Error).message], output: '' };
    return { checks: [await printResult(Promise.resolve(failed))], missing: [] };
  }
};

/** Returns why the runner's image cannot be built and run on this machine; undefined if it can. */
export const findRunnerObstacle = async (): Promise<string | undefined> =>
  (await findBuildObstacle()) ?? (await findRunObstacle());

const checkContents = async ({ root }: RunnerImage, time: string): Promise<CheckResult> => {
  const unwanted = ['src', 'app/runner.mjs.map', 'root/.npmrc', 'root/.npm'];
  const found = unwanted.filter((path) => existsSync(join(root, path)));
  return {
    name: `image runner builds in ${time}`,
    wrong: found.map((path) => `it contains /${path}`),
    output: '',
  };
};

const runScenarios = async (image: RunnerImage): Promise<CheckResult[]> => {
  const releases = new Releases();
  try {
    const stage = await openStage(image, releases);
    const checks: CheckResult[] = [];
    for (const scenario of scenarios) checks.push(await printResult(runScenario(scenario, stage)));
    return checks;
  } finally {
    await releases.end();
  }
};

const runScenario = async ({ name, run }: Scenario, stage: Stage): Promise<CheckResult> => {
  const output: string[] = [];
  try {
    const wrong = await run(stage, (text) => output.push(text));
    return { name: `image runner ${name}`, wrong, output: output.join('\n').slice(-4_000) };
  } catch (error) {
    return {
      name: `image runner ${name}`,
      wrong: [String((error as Error).stack)],
      output: output.join('\n'),
    };
  }
};
