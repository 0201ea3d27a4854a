import type { Job } from '../compute/client/index.ts';
import { GitHubStandIn } from '../test/fakes/fake-github.ts';
import { OrchestratorStandIn } from '../test/fakes/fake-orchestrator.ts';

/** Jobs that have completed as soon as they are started. */
class CompletedJobs extends Map<string, Job> {
  override set(id: string, job: Job): this {
    const { createdAt } = job;
    return super.set(id, { ...job, state: 'completed', startedAt: createdAt, endedAt: createdAt });
  }
}

class QuickOrchestrator extends OrchestratorStandIn {
  override readonly jobs = new CompletedJobs();
}

const policy = `
version: 1
compute: {allow: {permission: write}, parameters: {inputs: {pattern: '[0-9]+'}}, limits: {inputs: 100000}}
`;

/** A GitHub and an orchestrator that answer at once, as a step is told of them. */
type Neighbours = { environment: NodeJS.ProcessEnv; close: () => Promise<unknown> };

/** Opens them; a step that is started with their `environment` starts a job, and sees it completed at its first look. */
export const openNeighbours = async (): Promise<Neighbours> => {
  const [github, orchestrator] = await Promise.all([
    new GitHubStandIn().open(),
    new QuickOrchestrator().open(),
  ]);
  github.permissions.set('mona', { permission: 'write', role_name: 'write' });
  github.policy = policy;
  return {
    environment: {
      GITHUB_API_URL: github.url,
      'INPUT_GITHUB-TOKEN': 'ghs_bench',
      'INPUT_ORCHESTRATOR-URL': orchestrator.url,
      'INPUT_ORCHESTRATOR-KEY': orchestrator.key,
      INPUT_COMPUTE: '10',
    },
    close: () => Promise.all([github.close(), orchestrator.close()]),
  };
};
