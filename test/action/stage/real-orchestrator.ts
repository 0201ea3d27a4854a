import { apiHandler } from '../../../local/functions-host/api.ts';
import { builtInAlgorithms } from '../../../compute/algorithms/index.ts';
import { listen, webListener } from '../../../runtime/serve.ts';
import { bot, GitHubStandIn } from '../../bot/stand-ins/github.ts';
import {
  openGround,
  openPlatform,
  platformKey,
  type Ground,
  type Platform,
  type PlatformOptions,
} from '../../compute/orchestrator/ground.ts';
import { startRealWorker, startRelay } from '../../compute/orchestrator/worker.ts';
import type { StepSettings } from './step.ts';

const algorithms = builtInAlgorithms({});

/** The orchestrator as it is, on its own storage, with a worker, over HTTP. `ground.settle()` ends it. */
export const serveOrchestrator = async (
  ground: Ground,
  options: PlatformOptions = {},
): Promise<Platform & { url: string }> => {
  const platform = await openPlatform(ground, { algorithms, ...options });
  startRelay(ground, platform);
  startRealWorker(ground, algorithms);
  const { client, app } = platform;
  const api = apiHandler({ routes: app.routes, client });
  const handle = (request: Request): Promise<Response> =>
    api(request, new URL(request.url).pathname.slice('/api/'.length));
  const onFault = (error: unknown) => console.error(error);
  const served = await listen(webListener(handle, onFault), { what: 'the orchestrator', port: 0 });
  ground.releases.push(() => served.close());
  return { ...platform, url: served.url };
};

/** A real orchestrator, a GitHub that a test plays, and what a step between them is given. */
export type RealPlay = {
  ground: Ground;
  github: GitHubStandIn;
  /** A step that reaches both. */
  step(settings: StepSettings): StepSettings;
  close(): Promise<void>;
};

export const openRealPlay = async (): Promise<RealPlay> => {
  const [ground, github] = await Promise.all([openGround(), new GitHubStandIn().open()]);
  const { url } = await serveOrchestrator(ground);
  github.login = bot.login;
  github.permissions.set('mona', { permission: 'write', role_name: 'write' });
  return {
    ground,
    github,
    step: ({ inputs, environment, ...more }) => ({
      ...more,
      inputs: { 'orchestrator-url': url, 'orchestrator-key': platformKey, ...inputs },
      environment: { GITHUB_API_URL: github.url, ...environment },
    }),
    close: async () => {
      await ground.settle();
      await Promise.all([ground.close(), github.close()]);
    },
  };
};
