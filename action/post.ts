import { getState, info, warning } from '@actions/core';
import { httpJobs } from '../compute/client/index.ts';
import { readInputs } from './inputs.ts';
import { orchestratorOf } from './orchestrator.ts';
import { useProxy } from './proxy.ts';
import { maskSecrets } from './secrets.ts';

/*
 * What the Action does after a workflow was canceled: the step's own process may have been ended before it could cancel its
 * job, so it is done again. Nothing here makes a failure of the workflow.
 */

/** The runner ends this after 10 s. */
const timeout = 8_000;

try {
  maskSecrets(process.env);
  useProxy(process.env);
  const inputs = readInputs(process.env);
  const id = getState('job');
  if (id !== '' && inputs['cancel-on-abort']) {
    const jobs = httpJobs({ ...orchestratorOf(inputs, process.env), timeout });
    const by = process.env['GITHUB_TRIGGERING_ACTOR'] ?? process.env['GITHUB_ACTOR'] ?? 'the workflow';
    info(`${id}: ${await jobs.cancel(id, by)}`);
  }
} catch (fault) {
  warning(`The job may still run: ${(fault as Error).message}`);
}
