import { httpJobs } from '../compute/client/index.ts';
import { cancel } from './follow/cancel-job.ts';
import { keptJobs } from './follow/post-state.ts';
import { readInputs } from './inputs/inputs.ts';
import { maskSecrets } from './inputs/mask-secrets.ts';
import { orchestratorOf } from './orchestrator/orchestrator-options.ts';
import { useProxy } from './proxy.ts';
import { readRunner } from './step/runner-context.ts';
import { info, warning } from './report/log.ts';

/*
 * What the Action does after a workflow was canceled: the step's own process may have been ended before it could cancel its
 * job, so it is done again. Nothing here makes a failure of the workflow.
 */

/** The runner ends this after 10 s. */
const time = AbortSignal.timeout(8_000);

/** One that hangs leaves time for another. */
const call = (): AbortSignal => AbortSignal.any([time, AbortSignal.timeout(4_000)]);

const cancelAll = async (ids: readonly string[]): Promise<void> => {
  useProxy(process.env);
  const inputs = readInputs(process.env);
  if (!inputs['cancel-on-abort']) return;
  const jobs = httpJobs(await orchestratorOf(inputs, process.env, call));
  const runner = readRunner(process.env);
  await Promise.all(ids.map(async (id) => info(`${id} ${await cancel(id, { runner }, jobs, time)}.`)));
};

maskSecrets(process.env);
const ids = keptJobs(process.env);
try {
  if (ids.length > 0) await cancelAll(ids);
} catch (fault) {
  warning(`${ids.join(', ')} may go on: ${(fault as Error).message}`);
}
