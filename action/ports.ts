import type { ThreadRef } from '../chatops/github/port.ts';
import type { ConversationPorts } from '../chatops/visit.ts';
import { httpJobs, httpLocks } from '../compute/client/index.ts';
import { githubOf, type GitHubPorts } from './github.ts';
import { orchestratorOf } from './orchestrator.ts';
import { printForeignGroup } from './print.ts';
import type { Step } from './step.ts';

/** All that a conversation in a workflow needs. The audit is the log of the run. */
export const portsOf = async (
  { inputs, environment }: Step,
  thread: ThreadRef,
): Promise<ConversationPorts & GitHubPorts> => {
  const orchestrator = orchestratorOf(inputs, environment);
  return {
    ...(await githubOf(inputs, thread)),
    jobs: httpJobs(orchestrator),
    locks: httpLocks(orchestrator),
    audit: { record: (entry) => printForeignGroup('Audit', JSON.stringify(entry)) },
  };
};
