import type { WorkflowRun } from './act.ts';
import type { VerifyFixture } from './fixture.ts';
import { getRepository } from './thread-client.ts';

/** A secret that a task prints. The output of act must not contain it. */
export const plantedSecret = 'planted-3f9d1c7a';

/** Returns what GitHub provides to each run: the actor, tokens and addresses. */
export const buildRunnerEnvironment = async (
  fixture: VerifyFixture,
  { runId, by }: { runId: number; by: 'key' | 'identity' },
) => {
  const repository = await getRepository(fixture);
  const actor = { login: 'octavia', id: 102 };
  const withKey = by === 'key';
  return {
    repository,
    actor: actor.login,
    variables: { COXSWAIN_ORCHESTRATOR_URL: fixture.orchestrator.url },
    secrets: {
      GITHUB_TOKEN: fixture.github.workflowToken,
      PLANTED: plantedSecret,
      ...(withKey ? { COXSWAIN_ORCHESTRATOR_KEY: fixture.orchestrator.key } : {}),
    },
    environment: {
      GITHUB_API_URL: `${fixture.github.url}/api/v3`,
      GITHUB_SERVER_URL: fixture.github.url,
      GITHUB_REPOSITORY: repository.full_name,
      GITHUB_REPOSITORY_ID: String(repository.id),
      GITHUB_ACTOR_ID: String(actor.id),
      GITHUB_TRIGGERING_ACTOR: actor.login,
      GITHUB_RUN_ID: String(runId),
      ...(withKey ? {} : fixture.identity.environment),
    },
  } satisfies Partial<WorkflowRun> & { repository: object };
};
