import { limits } from '../../contracts/job-request.ts';
import { createBuiltInAlgorithms } from '../../compute/algorithms/built-in.ts';
import type { Launcher } from '../../compute/launcher/port.ts';
import { createOrchestratorApp } from '../../compute/orchestrator/app.ts';
import { createAuthenticator } from '../../compute/orchestrator/auth/authenticate.ts';
import type { CallerSettings } from '../../compute/orchestrator/auth/settings.ts';
import type { ListedBlob, Storage } from '../../compute/storage/port.ts';
import type { Releases } from '../../runtime/lifecycle.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Azurite } from '../azurite/azurite.ts';
import { replayEvents } from './replay-events.ts';
import { serveApp } from './serve-app.ts';
import type { TaskSettings } from './task-settings.ts';

type OwnOrchestratorOptions = {
  /** The data folder. */
  folder: string;
  url: string;
  keys: { function: string; system: string };
  callers: CallerSettings;
  tasks?: TaskSettings | undefined;
  streams: boolean;
  storage: Storage;
  launcher: Launcher;
  workers: () => number;
  azurite: Azurite;
  /** Reports a blob that a running job may wait for. */
  report: (blob: ListedBlob) => void;
  releases: Releases;
  log: Logger;
};

/** Starts the orchestrator in this process, on the durable host with live sessions. Returns a function that lists its processes: none. */
export const startOwnOrchestrator = async (options: OwnOrchestratorOptions): Promise<() => []> => {
  const { folder, url, keys, callers, tasks, streams, storage, launcher, workers, releases, log } = options;
  const app = createOrchestratorApp({
    access: createAuthenticator({
      platformKeys: [keys.function, keys.system],
      settings: callers,
      audience: url,
      log,
    }),
    storage,
    launcher,
    algorithms: createBuiltInAlgorithms(),
    workers,
    flush: () => options.azurite.flush(),
    limits,
    retentionDays: 30,
    linkSeconds: 7 * 86_400,
    streams,
    tickSeconds: 10,
    timing: {
      minBatchPoll: 5,
      ...(tasks && {
        maxLaunchWait: tasks.COXSWAIN_LAUNCH_SECONDS,
        maxStartWait: tasks.COXSWAIN_START_SECONDS,
      }),
    },
    log,
  });
  const port = Number(new URL(url).port);
  const { client } = await serveApp(app, { url, systemKey: keys.system, folder, port, releases, log });
  // Listing many outputs takes a while. The platform is ready before, because orchestrations also find outputs by themselves.
  const replay = replayEvents(client, storage.blobs, options.report).catch((error: unknown) =>
    log.warn({ err: error }, 'could not report all existing outputs'),
  );
  releases.add('the replay of events', () => replay);
  return () => [];
};
