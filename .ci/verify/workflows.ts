import { existsSync } from 'node:fs';
import { Releases } from '../../runtime/lifecycle.ts';
import { runWorkflow, type WorkflowRun } from './act.ts';
import { told, type Check } from './check.ts';
import { planted, scenarios, type Scenario } from './scenarios.ts';
import { openStage, type Stage } from './stage.ts';
import { repositoryOn } from './thread.ts';

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

/** What GitHub gives each run: who asks, tokens, and where everything is. */
const surroundingsOn = async (stage: Stage, { runId, by }: { runId: number; by: 'key' | 'identity' }) => {
  const repository = await repositoryOn(stage);
  const actor = { login: 'octavia', id: 102 };
  const withKey = by === 'key';
  return {
    repository,
    actor: actor.login,
    variables: { COXSWAIN_ORCHESTRATOR_URL: stage.orchestrator.url },
    secrets: {
      GITHUB_TOKEN: stage.github.workflowToken,
      PLANTED: planted,
      ...(withKey ? { COXSWAIN_ORCHESTRATOR_KEY: stage.orchestrator.key } : {}),
    },
    environment: {
      GITHUB_API_URL: `${stage.github.url}/api/v3`,
      GITHUB_SERVER_URL: stage.github.url,
      GITHUB_REPOSITORY: repository.full_name,
      GITHUB_REPOSITORY_ID: String(repository.id),
      GITHUB_ACTOR_ID: String(actor.id),
      GITHUB_TRIGGERING_ACTOR: actor.login,
      GITHUB_RUN_ID: String(runId),
      ...(withKey ? {} : stage.identity.environment),
    },
  } satisfies Partial<WorkflowRun> & { repository: object };
};
