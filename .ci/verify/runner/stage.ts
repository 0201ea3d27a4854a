import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunOrder } from '../../../compute/runner/run-spec.ts';
import { openStorage } from '../../../compute/storage/open-storage.ts';
import type { ExitRecord } from '../../../contracts/exit-record.ts';
import { startAzurite } from '../../../local/azurite/azurite.ts';
import type { Releases } from '../../../runtime/lifecycle.ts';
import { createLogger } from '../../../runtime/log.ts';
import type { ManagedIdentity } from '../../../test/fixtures/azure/tokens.ts';
import { createRunSpec, readExitRecord, readLog, waitFor } from '../../../test/fixtures/run-specs.ts';
import type { Container } from '../../images/container.ts';
import type { RunnerImage } from '../../images/runner-image.ts';
import { getBlobPort, openAzureStage, type AzureStage } from './azure-stage.ts';

/** What a task left: its container's exit code and output, its records, and its requests to Azure. */
export type TaskEnd = {
  exitCode: number;
  output: string;
  exit: ExitRecord | undefined;
  log: string;
  requests: string[];
};

type Task = {
  script: string;
  parameters?: Record<string, string>;
  secrets?: string[];
  identity?: ManagedIdentity;
};

/** Runs the runner's container with orders that we make, without an orchestrator. */
export type Stage = Pick<AzureStage, 'azure' | 'machine'> & {
  createOrder: (task: Task) => Promise<RunOrder>;
  /** Waits until the log of a task contains a text. */
  waitForLog: (order: RunOrder, text: string) => Promise<void>;
  /** Runs the runner's container with an order. `whileRunning` is called when it has been started. */
  runOrder: (order: RunOrder, whileRunning?: (container: Container) => Promise<void>) => Promise<TaskEnd>;
};

/** Starts stand-ins for Azure and storage. `releases` ends them. */
export const openStage = async (image: RunnerImage, releases: Releases): Promise<Stage> => {
  let started = Promise.withResolvers<Container>();
  const { azure, machine, runContainer, forwardPort } = await openAzureStage(image, releases, (container) =>
    started.resolve(container),
  );
  const log = createLogger('verify', 'error');
  const azurite = await startAzurite({ folder: undefined, blobPort: 0, queuePort: 0, log });
  releases.add('storage', () => azurite.stop());
  await forwardPort(getBlobPort(azurite.connectionString));
  const storage = openStorage(azurite.connectionString);
  await storage.prepare();
  const { blobs } = storage;
  let count = 0;
  return {
    azure,
    machine,
    createOrder: async ({ script, identity, ...overrides }) => ({
      ...(await createRunSpec(blobs, script, overrides)),
      ...(identity && { identity: { clientId: identity.clientId } }),
    }),
    waitForLog: async (order, text) => {
      await waitFor(async () => (await readLog(blobs, order))?.includes(text));
    },
    runOrder: async (order, whileRunning) => {
      started = Promise.withResolvers<Container>();
      const from = azure.requests.length;
      const variables = {
        COXSWAIN_ORDER: JSON.stringify(order),
        COXSWAIN_JOB: order.job,
        ...(order.identity && { AZURE_CLIENT_ID: order.identity.clientId }),
      };
      const container = runContainer({ name: `order-${(count += 1)}`, image: order.image, variables });
      try {
        await Promise.race([started.promise, container.exited]);
        await whileRunning?.(await started.promise);
      } catch (error) {
        await container.kill();
        throw error;
      }
      const { exitCode } = await container.exited;
      return {
        exitCode,
        output: container.log(),
        exit: await readExitRecord(blobs, order),
        log: (await readLog(blobs, order)) ?? '',
        requests: azure.requests.slice(from).map(({ method, path, status }) => `${method} ${path} ${status}`),
      };
    },
  };
};

/** Reads a sample script. */
export const readSample = (name: string): Promise<string> => readFile(join('compute/tasks', name), 'utf8');
