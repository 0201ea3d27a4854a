import { info, warning } from '@actions/core';
import { httpJobs } from '../compute/client/index.ts';
import { keptJobs } from './follow/kept.ts';
import { readInputs } from './inputs/inputs.ts';
import { maskSecrets } from './inputs/secrets.ts';
import { orchestratorOf } from './orchestrator/orchestrator.ts';
import { persistently } from './patience.ts';
import { useProxy } from './proxy.ts';
import { readRunner } from './step/runner.ts';

/*
 * What the Action does after a workflow was canceled: the step's own process may have been ended before it could cancel its
 * job, so it is done again. Nothing here makes a failure of the workflow.
 */

/** The runner ends this after 10 s. */
const time = AbortSignal.timeout(8_000);

/** One that hangs leaves time for another. */
const call = (): AbortSignal => AbortSignal.any([time, AbortSignal.timeout(4_000)]);

const mayGoOn = (jobs: string, fault: unknown): void =>
  warning(`${jobs} may still run: ${(fault as Error).message}`);

const cancel = async (ids: readonly string[]): Promise<void> => {
  useProxy(process.env);
  const inputs = readInputs(process.env);
  if (!inputs['cancel-on-abort']) return;
  const jobs = httpJobs(await orchestratorOf(inputs, process.env, call));
  const by = readRunner(process.env).triggeringActor;
  const patience = { stop: time, tell: info };
  const one = async (id: string): Promise<void> =>
    info(`${id}: ${await persistently(() => jobs.cancel(id, by), patience)}`);
  await Promise.all(ids.map((id) => one(id).catch((fault: unknown) => mayGoOn(id, fault))));
};

maskSecrets(process.env);
const ids = keptJobs(process.env);
try {
  if (ids.length > 0) await cancel(ids);
} catch (fault) {
  mayGoOn(ids.join(', '), fault);
}
