import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { chdir } from 'node:process';
import { buildImages } from '../../.ci/images/build-images.ts';
import { formatSeconds } from '../../.ci/verify/check-result.ts';
import { run } from '../../.ci/verify/run.ts';
import { Releases, runProgram, waitForStopRequest } from '../../runtime/lifecycle.ts';
import { createLogger } from '../../runtime/log.ts';
import { SettingsError } from '../../runtime/settings.ts';
import { runJest, type JestResult } from '../architecture/run-jest.ts';
import { hostAddress } from './cluster/addresses.ts';
import { startCluster } from './cluster/cluster.ts';
import { addToPath, buildPrograms } from './cluster/programs.ts';
import { findMissing } from './cluster/requirements.ts';

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
      `KUBECONFIG is set, so the tests would run on that cluster, but ${missing.join(' and ')} is not set. ` +
        'Set it (see CONTRIBUTING.md), or unset KUBECONFIG to start a cluster on this machine.',
    );
  const { code, output } = await run(['kubectl', 'get', 'apiservice/v1beta1.external.metrics.k8s.io']);
  if (code !== 0)
    throw new SettingsError(`The cluster does not serve external metrics. Install KEDA.\n${output}`);
  return runTests();
};

/** Starts a cluster on this machine, and runs the tests on it. */
const testNewCluster = async (releases: Releases, signal: AbortSignal): Promise<JestResult> => {
  const programs = await buildPrograms(signal);
  console.log('building the images');
  const images = Object.entries(await buildImages());
  const cluster = await startCluster(programs, releases);
  await cluster.importImages(images.map(([, { archive }]) => archive));
  console.log(`the cluster is ready after ${formatSeconds(started)}`);
  const references = Object.fromEntries(images.map(([name, { reference }]) => [name, reference]));
  return runTests({
    enter: (command) => cluster.machine.enter(command),
    environment: {
      KUBECONFIG: cluster.kubeconfig,
      COXSWAIN_TEST_HOST: hostAddress,
      COXSWAIN_TEST_ON_NODE: 'yes',
      COXSWAIN_TEST_IMAGES: JSON.stringify(references),
      PATH: addToPath(programs, ['kubectl', 'helm', 'ctr']),
    },
  });
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
