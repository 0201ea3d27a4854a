import { existsSync } from 'node:fs';
import { Releases } from '../../runtime/lifecycle.ts';
import { runWorkflow } from './act.ts';
import { told, type Check } from './check-result.ts';
import { scenarios, type Scenario } from './scenarios.ts';
import { openStage, type Stage } from './fixture.ts';
import { surroundingsOn } from './runner-env.ts';

/** Runs our workflows whole under act, against a platform and an embedded GitHub on this machine. */
export const runWorkflows = async (act: string): Promise<Check[]> => {
  if (!existsSync('action/dist/main.mjs')) return [await told(Promise.resolve(noBundle))];
  const releases = new Releases();
  try {
    const stage = await openStage(releases);
    const checks: Check[] = [];
    for (const [index, scenario] of scenarios.entries())
      checks.push(await told(play(scenario, { act, stage, runId: index + 1 })));
    return checks;
  } finally {
    await releases.end();
  }
};

const noBundle: Check = {
  name: 'workflows under act',
  wrong: ['there is no action/dist/main.mjs: run "node .ci/generate.ts"'],
  said: '',
};

type Props = { act: string; stage: Stage; runId: number };

const play = async (scenario: Scenario, { act, stage, runId }: Props): Promise<Check> => {
  const surroundings = await surroundingsOn(stage, { runId, by: scenario.by ?? 'key' });
  const { repository } = surroundings;
  const payload = { repository, ...(await scenario.payload(stage)) };
  const { code, output } = await runWorkflow(act, { ...scenario, ...surroundings, payload });
  const { says = [], never = [], after } = scenario;
  const secrets = Object.entries(surroundings.secrets);
  const wrong = [
    ...(code === scenario.code ? [] : [`act ended with ${code}, expected ${scenario.code}`]),
    ...says.filter((text) => !text.test(output)).map((text) => `act does not print ${text}`),
    ...never.filter((text) => text.test(output)).map((text) => `act prints ${text}`),
    ...secrets.filter(([, value]) => output.includes(value)).map(([name]) => `act prints the secret ${name}`),
    ...((await after?.(stage)) ?? []),
  ];
  return { name: scenario.name, wrong, said: output };
};
