import { Releases, runProgram, waitForStopRequest } from '../../../runtime/lifecycle.ts';
import { createLogger } from '../../../runtime/log.ts';
import { startCluster } from './cluster.ts';
import { addToPath, buildPrograms } from './programs.ts';

/* `node test/kubernetes/cluster/main.ts` starts the cluster of the tests, prints how to reach it, and stops it at Ctrl-C. */

await runProgram(createLogger('cluster'), async () => {
  const releases = new Releases();
  const stopped = waitForStopRequest();
  const interruption = new AbortController();
  const start = async () => {
    const programs = await buildPrograms(interruption.signal);
    const cluster = await startCluster(programs, releases);
    const path = addToPath(programs, ['kubectl', 'helm', 'ctr']);
    console.log('The cluster is ready. Ctrl-C stops it. A shell in its network:');
    console.log(`KUBECONFIG=${cluster.kubeconfig} PATH=${path} ${cluster.machine.enter(['bash']).join(' ')}`);
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
