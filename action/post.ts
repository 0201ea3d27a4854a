import { info, warning } from '@actions/core';
import { httpJobs } from '../compute/client/index.ts';
import { keptJobs } from './follow/kept.ts';
import { readInputs } from './inputs/inputs.ts';
import { maskSecrets } from './inputs/secrets.ts';
import { orchestratorOf } from './orchestrator/orchestrator.ts';
import { useProxy } from './proxy.ts';
import { readRunner } from './step/runner.ts';

/*
 * What the Action does after a workflow was canceled: the step's own process may have been ended before it could cancel its
 * job, so it is done again. Nothing here makes a failure of the workflow.
 */

/** The runner ends this after 10 s. */
const timeout = 8_000;

const cancel = async (ids: readonly string[]): Promise<void> => {
  useProxy(process.env);
  const inputs = readInputs(process.env);
  if (!inputs['cancel-on-abort']) return;
  const jobs = httpJobs({ ...(await orchestratorOf(inputs, process.env)), timeout });
  const by = readRunner(process.env).triggeringActor;
  await Promise.all(ids.map(async (id) => info(`${id}: ${await jobs.cancel(id, by)}`)));
};

maskSecrets(process.env);
const ids = keptJobs(process.env);
try {
  if (ids.length > 0) await cancel(ids);
} catch (fault) {
  warning(`${ids.join(', ')} may still run: ${(fault as Error).message}`);
}
