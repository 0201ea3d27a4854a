import { existsSync } from 'node:fs';
import { Releases } from '../../runtime/lifecycle.ts';
import { runWorkflow } from './act.ts';
import { printResult, type CheckResult } from './check-result.ts';
import { scenarios, type Scenario } from './scenarios.ts';
import { openFixture, type VerifyFixture } from './fixture.ts';
import { buildRunnerEnvironment } from './runner-env.ts';

/** Runs our workflows under act, with a platform and an embedded GitHub on this machine. */
export const runWorkflows = async (act: string): Promise<CheckResult[]> => {
  if (!existsSync('action/dist/main.mjs')) return [await printResult(Promise.resolve(noBundle))];
  const releases = new Releases();
  try {
    const fixture = await openFixture(releases);
    const checks: CheckResult[] = [];
    for (const [index, scenario] of scenarios.entries())
      checks.push(await printResult(runScenario(scenario, { act, fixture, runId: index + 1 })));
    return checks;
  } finally {
    await releases.end();
  }
};

const noBundle: CheckResult = {
  name: 'workflows under act',
  wrong: ['there is no action/dist/main.mjs: run "node .ci/generate.ts"'],
  output: '',
};

type Props = { act: string; fixture: VerifyFixture; runId: number };

const runScenario = async (scenario: Scenario, { act, fixture, runId }: Props): Promise<CheckResult> => {
  const runnerEnvironment = await buildRunnerEnvironment(fixture, { runId, by: scenario.by ?? 'key' });
  const { repository } = runnerEnvironment;
  const payload = { repository, ...(await scenario.payload(fixture)) };
  const { code, output } = await runWorkflow(act, { ...scenario, ...runnerEnvironment, payload });
  const { says = [], never = [], after } = scenario;
  const secrets = Object.entries(runnerEnvironment.secrets);
  const wrong = [
    ...(code === scenario.code ? [] : [`act exited with ${code}, expected ${scenario.code}`]),
    ...says.filter((text) => !text.test(output)).map((text) => `act does not print ${text}`),
    ...never.filter((text) => text.test(output)).map((text) => `act prints ${text}`),
    ...secrets.filter(([, value]) => output.includes(value)).map(([name]) => `act prints the secret ${name}`),
    ...((await after?.(fixture)) ?? []),
  ];
  return { name: scenario.name, wrong, output: output };
};
