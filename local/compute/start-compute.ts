import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Releases } from '../../runtime/lifecycle.ts';
import type { Logger } from '../../runtime/log.ts';
import { openContainerInstances } from '../../compute/launcher/container-instances/open-container-instances.ts';
import { createProcessLauncher } from '../../compute/launcher/process/process-launcher.ts';
import type { CallerSettings } from '../../compute/orchestrator/auth/settings.ts';
import { openStorage } from '../../compute/storage/open-storage.ts';
import type { Autoscaler } from '../autoscaler/autoscaler.ts';
import { accountName as account, startAzurite } from '../azurite/azurite.ts';
import type { CatalogueProblem } from './catalogue-folder.ts';
import { requireSameMode } from './require-same-mode.ts';
import { syncCatalogue } from './sync-catalogue.ts';
import {
  createQueuePost,
  createWebhookPost,
  startEventRelay,
  type EventRelay,
  type EventRelayOptions,
} from '../event-grid/event-relay.ts';
import { startHostedOrchestrator, type FunctionsApp } from './start-hosted-orchestrator.ts';
import { startOwnOrchestrator } from './start-own-orchestrator.ts';
import { startWorkers } from './start-workers.ts';
import type { TaskSettings } from './task-settings.ts';

export type LocalComputeOptions = {
  /** The data folder, absolute. */
  folder: string;
  ports: { orchestrator: number; blob: number; queue: number };
  /**
   * The platform's own keys. The function key and the system key allow the API; the system key also allows the Durable HTTP API and the
   * event route. `storage` is the key of the storage account, in base64.
   */
  keys: { function: string; system: string; storage: string };
  /** Other callers of the API. */
  callers: CallerSettings;
  /** Where tasks run. By default, the runners are processes of this machine. */
  tasks?: TaskSettings | undefined;
  /** Where each child counts itself in, see `runtime/data-dir-lock.ts`. */
  crewLock: string;
  /** The maximum number of workers; by default one per core. */
  workers?: number;
  /** The operator's programs for the algorithm `exec`, in the format of the worker's setting `COXSWAIN_PROGRAMS`. */
  programs?: string | undefined;
  /** Whether logs can be followed in streams; true by default. */
  streams?: boolean;
  /** The packaged orchestrator to host in a separate process; by default, the orchestrator runs in this process. */
  functionsApp?: FunctionsApp | undefined;
  /** For tests: rearranges events before their delivery; see `EventRelayOptions`. */
  arrangeEvents?: EventRelayOptions['arrange'];
  releases: Releases;
  log: Logger;
};

/** The compute part of a local platform. */
export type LocalCompute = {
  url: string;
  connectionString: string;
  /** The problems of definitions in the folder with the tasks. */
  catalogueProblems: CatalogueProblem[];
  children: () => { name: string; pid: number }[];
};

const toPath = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const eventPath = '/runtime/webhooks/eventgrid?functionName=ComputeComplete';

/**
 * Starts storage, durable host, HTTP API, event relay, autoscaler and launcher, and continues the jobs in the data folder.
 * `releases` stops workers and runners first, then the event relay and the orchestrator, and storage last.
 * @throws FolderError for a data folder with jobs of the other mode
 */
export const startLocalCompute = async (options: LocalComputeOptions): Promise<LocalCompute> => {
  const { folder, ports, keys, crewLock, functionsApp, streams = true, releases, log } = options;
  requireSameMode(folder, functionsApp ? 'hosted' : 'own');
  const url = `http://127.0.0.1:${ports.orchestrator}`;
  let relay: EventRelay | undefined;
  let workers: Autoscaler | undefined;
  const azurite = await startAzurite({
    folder: join(folder, 'storage'),
    blobPort: ports.blob,
    queuePort: ports.queue,
    key: keys.storage,
    onCreated: (blob) => {
      relay?.created(blob);
      // Start a worker for the first inputs of a job at once.
      if (blob.path.startsWith('input/') && workers?.count() === 0) workers.pollNow();
    },
    crewLock,
    log,
  });
  releases.add('storage', () => azurite.stop());
  const storage = openStorage(azurite.connectionString);
  await storage.prepare();
  const catalogueProblems = await syncCatalogue(storage.blobs, toPath('../../compute/tasks/'));
  // Containers, queues and catalogue are created only at a start, so a crash must not lose them.
  await azurite.flush();
  const post = functionsApp
    ? createQueuePost(storage.events)
    : createWebhookPost(`${url}${eventPath}`, keys.system);
  relay = startEventRelay({ post, account, arrange: options.arrangeEvents, log });

  const containerInstances = options.tasks && openContainerInstances(options.tasks, storage.blobs, log);
  const processes = createProcessLauncher({ folder: join(folder, 'runs'), dataDirLock: crewLock, log });
  const shared = { ...options, url, streams, azurite };
  const listOrchestrator = functionsApp
    ? await startHostedOrchestrator({
        ...shared,
        app: functionsApp,
        launcher: containerInstances ? undefined : processes,
      })
    : await startOwnOrchestrator({
        ...shared,
        storage,
        launcher: containerInstances ?? processes,
        workers: () => workers?.count() ?? 0,
        report: (blob) => relay?.created({ ...blob, etag: '' }),
      });
  releases.add('the event relay', async () => relay?.close());
  releases.add('the launcher', () => processes.close());
  const autoscaler = startWorkers({ ...options, storage, connectionString: azurite.connectionString });
  releases.add('the autoscaler', () => autoscaler.stop());
  workers = autoscaler;
  return {
    url,
    connectionString: azurite.connectionString,
    catalogueProblems,
    children: () => [
      ...azurite.children(),
      ...listOrchestrator(),
      ...autoscaler.children(),
      ...processes.children(),
    ],
  };
};
