import { apiHandler } from '../../../compute/local/functions/api.ts';
import { builtInAlgorithms } from '../../../compute/worker/algorithms/index.ts';
import { startWorker } from '../../../compute/worker/worker.ts';
import { listen, webListener } from '../../../runtime/serve.ts';
import {
  log,
  openPlatform,
  type Ground,
  type Platform,
  type PlatformOptions,
} from '../../compute/orchestrator/ground.ts';
import { startRelay } from '../../compute/orchestrator/worker.ts';

const algorithms = builtInAlgorithms({});

/** The orchestrator as it is, on its own storage, with a worker, over HTTP. `ground.settle()` ends it. */
export const serveOrchestrator = async (
  ground: Ground,
  options: PlatformOptions = {},
): Promise<Platform & { url: string }> => {
  const platform = await openPlatform(ground, { algorithms, ...options });
  startRelay(ground, platform);
  const worker = startWorker({
    storage: ground.storage,
    algorithms,
    slots: 8,
    visibilitySeconds: 10,
    exitWhenIdleSeconds: Infinity,
    log,
  });
  ground.releases.push(() => worker.stop(1_000));
  const { client, app } = platform;
  const api = apiHandler({ routes: app.routes, client });
  const handle = (request: Request): Promise<Response> =>
    api(request, new URL(request.url).pathname.slice('/api/'.length));
  const onFault = (error: unknown) => console.error(error);
  const served = await listen(webListener(handle, onFault), { what: 'the orchestrator', port: 0 });
  ground.releases.push(() => served.close());
  return { ...platform, url: served.url };
};
