import type { Job } from '../compute/client/index.ts';
import { FakeGitHub } from '../test/fakes/fake-github.ts';
import { FakeOrchestrator } from '../test/fakes/fake-orchestrator.ts';

/** Jobs that are completed as soon as they are started. */
class CompletedJobs extends Map<string, Job> {
  override set(id: string, job: Job): this {
    const { createdAt } = job;
    return super.set(id, { ...job, state: 'completed', startedAt: createdAt, endedAt: createdAt });
  }
}

class InstantOrchestrator extends FakeOrchestrator {
  override readonly jobs = new CompletedJobs();
}

const policy = `
version: 1
compute: {allow: {permission: write}, parameters: {inputs: {pattern: '[0-9]+'}}, limits: {inputs: 100000}}
`;

/** A GitHub and an orchestrator that respond immediately, and the environment of a step that uses them. */
type InstantServices = { environment: NodeJS.ProcessEnv; close: () => Promise<unknown> };

/** Opens the services. A step with their `environment` starts a job, and finds it completed at its first poll. */
export const openInstantServices = async (): Promise<InstantServices> => {
  const [github, orchestrator] = await Promise.all([
    new FakeGitHub().open(),
    new InstantOrchestrator().open(),
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
