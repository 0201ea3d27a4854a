import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHttpJobs } from '../../compute/client/index.ts';
import { CallerSettings } from '../../compute/orchestrator/auth/settings.ts';
import { generateAccountKey } from '../../local/azurite/azurite.ts';
import { startLocalCompute } from '../../local/compute/start-compute.ts';
import { sleep } from '../../runtime/async/clock.ts';
import { getSharedLockPath } from '../../runtime/data-dir-lock.ts';
import { listen } from '../../runtime/http-server.ts';
import { Releases, runProgram } from '../../runtime/lifecycle.ts';
import { createLogger } from '../../runtime/log.ts';
import { readSettings } from '../../runtime/settings.ts';

/*
 * `<node> .ci/verify/run-packaged-job.ts <package>` hosts the orchestrator's package on the Node that runs this program, and runs a compute
 * job. Prints the job's end.
 */

const [, , file = ''] = process.argv;
const key = 'the key of this program, which ends at once';
const log = createLogger('verify', 'error');

await runProgram(log, async () => {
  const releases = new Releases();
  try {
    const folder = await mkdtemp(join(tmpdir(), 'packaged-job-'));
    releases.add('the folder', () => rm(folder, { recursive: true, maxRetries: 5 }));
    await mkdir(join(folder, 'locks'));
    const { port, close } = await listen(() => {}, { what: 'the orchestrator', port: 0 });
    await close();
    const { url } = await startLocalCompute({
      folder,
      ports: { orchestrator: port, blob: 0, queue: 0 },
      keys: { function: key, system: key, storage: generateAccountKey() },
      callers: readSettings(CallerSettings, {}),
      crewLock: getSharedLockPath(folder),
      functionsApp: { file },
      releases,
      log,
    });
    const jobs = createHttpJobs({ url, key });
    const started = await jobs.start({ kind: 'compute', inputCount: 120 });
    if (!('id' in started)) throw new Error(started.problem.message);
    for (;;) {
      const job = await jobs.get(started.id);
      if (job && job.endedAt !== null) {
        console.log(JSON.stringify({ node: process.version, state: job.state, progress: job.progress }));
        return job.state === 'completed' ? 0 : 1;
      }
      await sleep(100);
    }
  } finally {
    await releases.end();
  }
});
