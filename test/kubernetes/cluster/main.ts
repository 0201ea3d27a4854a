import { Releases, runProgram, waitForStopRequest } from '../../../runtime/lifecycle.ts';
import { createLogger } from '../../../runtime/log.ts';
import { startTestCluster } from './test-cluster.ts';

/*
 * `node test/kubernetes/cluster/main.ts` starts the cluster of the tests, prints the command for a shell that reaches it, and stops it at
 * Ctrl-C. In that shell, `npm run test:k8s` uses this cluster.
 */

await runProgram(createLogger('cluster'), async () => {
  const stopped = waitForStopRequest();
  const releases = new Releases();
  const interruption = new AbortController();
  const start = async () => {
    const { machine, environment } = await startTestCluster(releases, interruption.signal);
    const settings = Object.entries(environment).map(([name, value]) => `${name}='${value}'`);
    console.log('The cluster is ready. Ctrl-C stops it. A shell that reaches it:');
    console.log(['env', ...settings, ...machine.enter(['bash'])].join(' '));
  };
  const started = start();
  try {
    await Promise.race([stopped, started.then(() => stopped)]);
  } finally {
    interruption.abort();
    await releases.end();
    await Promise.allSettled([started]);
  }
});
