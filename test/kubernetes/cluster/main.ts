import { delimiter, dirname } from 'node:path';
import { Releases, runProgram, waitForStopRequest } from '../../../runtime/lifecycle.ts';
import { createLogger } from '../../../runtime/log.ts';
import { startCluster } from './cluster.ts';
import { buildPrograms } from './programs.ts';

/* `node test/kubernetes/cluster/main.ts` starts the cluster of the tests, prints how to reach it, and stops it at Ctrl-C. */

await runProgram(createLogger('cluster'), async () => {
  const releases = new Releases();
  const stopped = waitForStopRequest();
  try {
    const programs = await buildPrograms();
    const starting = startCluster(programs, releases);
    const cluster = await Promise.race([starting, stopped.then(() => undefined)]);
    if (!cluster) return;
    const path = [programs.kubectl, programs.helm, programs.ctr].map((program) => dirname(program));
    console.log(`ready: ${cluster.machine.enter(['bash']).join(' ')}`);
    console.log(`export KUBECONFIG=${cluster.kubeconfig} PATH=${path.join(delimiter)}:$PATH`);
    await stopped;
  } finally {
    await releases.end();
  }
});
