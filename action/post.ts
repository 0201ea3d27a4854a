import { getState, info, warning } from '@actions/core';
import { httpJobs } from '../compute/client/index.ts';
import { readInputs } from './inputs.ts';
import { orchestratorOf } from './orchestrator.ts';
import { useProxy } from './proxy.ts';
import { readRunner } from './runner.ts';
import { maskSecrets } from './secrets.ts';

/*
 * What the Action does after a workflow was canceled: the step's own process may have been ended before it could cancel its
 * job, so it is done again. Nothing here makes a failure of the workflow.
 */

/** The runner ends this after 10 s. */
const timeout = 8_000;

const cancel = async (id: string): Promise<void> => {
  useProxy(process.env);
  const inputs = readInputs(process.env);
  if (!inputs['cancel-on-abort']) return;
  const jobs = httpJobs({ ...orchestratorOf(inputs, process.env), timeout });
  info(`${id}: ${await jobs.cancel(id, readRunner(process.env).triggeringActor)}`);
};

maskSecrets(process.env);
const id = getState('job');
try {
  if (id !== '') await cancel(id);
} catch (fault) {
  warning(`The job may still run: ${(fault as Error).message}`);
}
