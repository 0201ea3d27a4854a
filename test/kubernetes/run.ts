import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { chdir } from 'node:process';
import { formatSeconds } from '../../.ci/verify/check-result.ts';
import { run } from '../../.ci/verify/run.ts';
import { Releases, runProgram, waitForStopRequest } from '../../runtime/lifecycle.ts';
import { createLogger } from '../../runtime/log.ts';
import { SettingsError } from '../../runtime/settings.ts';
import { runJest, type JestResult } from '../architecture/run-jest.ts';
import { findMissing } from './cluster/requirements.ts';
import { startTestCluster } from './cluster/test-cluster.ts';

/*
 * `npm run test:k8s [-- jest arguments]` runs the tests that need a Kubernetes. It builds a cluster and our images, or takes yours:
 * CONTRIBUTING.md lists the environment variables for that.
 */

chdir(join(import.meta.dirname, '../..'));
process.env['LOG_LEVEL'] ??= 'warn';
const started = Date.now();

/** Runs the tests on the cluster that `KUBECONFIG` names. @throws SettingsError if a variable is missing, or the cluster has no KEDA */
const testOwnCluster = async (): Promise<JestResult> => {
  const missing = ['COXSWAIN_TEST_IMAGES', 'COXSWAIN_TEST_HOST'].filter((name) => !process.env[name]);
  if (missing.length > 0)
    throw new SettingsError(
      'KUBECONFIG is set, so the tests would run on that cluster. ' +
        `Set ${missing.join(' and ')} too (see CONTRIBUTING.md), or unset KUBECONFIG to start a cluster on this machine.`,
    );
  const { code, output } = await run(['kubectl', 'get', 'apiservice/v1beta1.external.metrics.k8s.io']);
  if (code !== 0)
    throw new SettingsError(`The cluster does not serve external metrics. Install KEDA.\n${output}`);
  return runTests();
};

/** Starts a cluster on this machine, and runs the tests on it. */
const testNewCluster = async (releases: Releases, signal: AbortSignal): Promise<JestResult> => {
  const { machine, environment } = await startTestCluster(releases, signal);
  console.log(`the cluster is ready after ${formatSeconds(started)}`);
  return runTests({ environment, enter: (command) => machine.enter(command) });
};

const runTests = (options?: Parameters<typeof runJest>[1]): Promise<JestResult> =>
  runJest(['--config=test/kubernetes/jest.config.js', ...process.argv.slice(2)], options);

const skip = async (missing: readonly string[]): Promise<number> => {
  for (const sentence of missing) console.log(`skipped the tests on Kubernetes: ${sentence}`);
  const files = await Array.fromAsync(glob('test/kubernetes/*.test.ts'));
  console.log(`test:k8s: 0 passed, 0 failed, ${files.length} files skipped`);
  return 0;
};

await runProgram(createLogger('test:k8s'), async () => {
  const stopped = waitForStopRequest();
  const releases = new Releases();
  const missing = process.env['KUBECONFIG'] ? [] : await findMissing();
  if (missing.length > 0) return skip(missing);
  const interruption = new AbortController();
  const tested = process.env['KUBECONFIG'] ? testOwnCluster() : testNewCluster(releases, interruption.signal);
  try {
    const result = await Promise.race([tested, stopped.then(() => undefined)]);
    console.log(`test:k8s: ${result?.counts ?? 'interrupted'} in ${formatSeconds(started)}`);
    return result?.code ?? 130;
  } finally {
    interruption.abort();
    await releases.end();
    await Promise.allSettled([tested]);
  }
});
