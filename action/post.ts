import { createHttpJobs } from '../compute/client/index.ts';
import { cancelJob } from './follow/cancel-job.ts';
import { readTrackedJobs } from './follow/post-state.ts';
import { readInputs } from './inputs/inputs.ts';
import { maskSecrets } from './inputs/mask-secrets.ts';
import { getOrchestratorOptions } from './orchestrator/orchestrator-options.ts';
import { useProxy } from './proxy.ts';
import { readRunnerContext } from './step/runner-context.ts';
import { info, warning } from './report/log.ts';

/*
 * Runs after a workflow was canceled. The step's own process may have been killed before it could cancel its jobs, so this cancels them
 * again. Errors here never fail the workflow.
 */

/** The runner kills this process after 10 s. */
const deadline = AbortSignal.timeout(8_000);

/** Ends one call early enough for a second one. */
const createCallSignal = (): AbortSignal => AbortSignal.any([deadline, AbortSignal.timeout(4_000)]);

const cancelAll = async (ids: readonly string[]): Promise<void> => {
  useProxy(process.env);
  const inputs = readInputs(process.env);
  if (!inputs['cancel-on-abort']) return;
  const jobs = createHttpJobs(await getOrchestratorOptions(inputs, process.env, createCallSignal));
  const runner = readRunnerContext(process.env);
  await Promise.all(ids.map(async (id) => info(`${id} ${await cancelJob(id, { runner }, jobs, deadline)}.`)));
};

maskSecrets(process.env);
const ids = readTrackedJobs(process.env);
try {
  if (ids.length > 0) await cancelAll(ids);
} catch (fault) {
  warning(`Could not cancel ${ids.join(', ')}: ${(fault as Error).message}`);
}
