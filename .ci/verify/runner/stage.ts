import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunOrder } from '../../../compute/runner/run-spec.ts';
import { openStorage, type Blobs } from '../../../compute/storage/open-storage.ts';
import type { ExitRecord } from '../../../contracts/exit-record.ts';
import { startAzurite } from '../../../local/azurite/azurite.ts';
import type { Releases } from '../../../runtime/lifecycle.ts';
import { createLogger } from '../../../runtime/log.ts';
import { startAzure, type AzureStandIn } from '../../../test/fixtures/azure/azure.ts';
import { createInstanceMetadata } from '../../../test/fixtures/azure/instance-metadata.ts';
import type { ManagedIdentity } from '../../../test/fixtures/azure/tokens.ts';
import { createVirtualMachines, type VirtualMachine } from '../../../test/fixtures/azure/virtual-machines.ts';
import { createRunSpec, readExitRecord, readLog, waitFor } from '../../../test/fixtures/run-specs.ts';
import { openContainerNetwork } from '../../images/container-network.ts';
import type { Container } from '../../images/container.ts';
import { forward } from '../../images/forward.ts';
import type { RunnerImage } from '../../images/runner-image.ts';
import { run } from '../run.ts';
import { createRuncContainers } from './runc-containers.ts';

/** What a task left: its container's exit code and output, and its records. `requests`: those to Azure, without their API version. */
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

/** Azure and storage as a container group sees them. */
export type Stage = {
  azure: AzureStandIn;
  machine: (name: string) => VirtualMachine | undefined;
  createOrder: (task: Task) => Promise<RunOrder>;
  /** Waits until the log of a task contains a text. */
  waitForLog: (order: RunOrder, text: string) => Promise<void>;
  /** Runs the runner's container with an order. `whileRunning` is called when it has been started. */
  runOrder: (order: RunOrder, whileRunning?: (container: Container) => Promise<void>) => Promise<TaskEnd>;
};

export const resourceGroup = 'rg-a';

/** Starts stand-ins for Azure and storage, and a network in which containers reach them at Azure's addresses. `releases` ends all of it. */
export const openStage = async (image: RunnerImage, releases: Releases): Promise<Stage> => {
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-runner-'));
  releases.add('the folder', () => rm(folder, { recursive: true, force: true }));
  const { azure, machine, setIdentities } = await startServices(releases);
  const { blobs, port } = await startStorage(releases);
  const network = await openContainerNetwork(releases);
  await addMetadataAddress(network.name);
  for (const [address, inside, to] of [
    [metadataAddress, 80, Number(new URL(azure.metadataUrl).port)],
    ['127.0.0.1', 443, Number(new URL(azure.url).port)],
    ['127.0.0.1', port, port],
  ] as const)
    await forward(network.name, { address, port: inside, to }, releases);

  let started = Promise.withResolvers<Container>();
  const runContainer = createRuncContainers({
    image,
    folder,
    network: network.name,
    ca: azure.ca,
    onStarted: (container) => started.resolve(container),
  });
  let count = 0;
  return {
    azure,
    machine: (name) => machine(resourceGroup, name),
    createOrder: async ({ script, identity, ...overrides }) => {
      setIdentities(identity ? [identity] : []);
      return {
        ...(await createRunSpec(blobs, script, overrides)),
        ...(identity && { identity: { clientId: identity.clientId } }),
      };
    },
    waitForLog: async (order, text) => {
      await waitFor(async () => (await readLog(blobs, order))?.includes(text));
    },
    runOrder: async (order, whileRunning) => {
      started = Promise.withResolvers<Container>();
      const from = azure.requests.length;
      const variables = { COXSWAIN_ORDER: JSON.stringify(order), COXSWAIN_JOB: order.job };
      const container = runContainer({ name: `runner-${(count += 1)}`, image: order.image, variables });
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

const startServices = async (releases: Releases) => {
  let machines: ReturnType<typeof createVirtualMachines> | undefined;
  let identities: readonly ManagedIdentity[] = [];
  const azure = await startAzure({
    services: ({ issuer, subscription, identities: { operator } }) => {
      machines = createVirtualMachines({
        url: () => 'https://management.azure.com',
        subscription,
        issuer,
        machines: { [resourceGroup]: ['web-1', 'web-2', 'web-3'] },
        operators: [operator],
      });
      const metadata = createInstanceMetadata({ issuer, identities: () => identities });
      return { arm: [machines.handle], metadata: [metadata] };
    },
  });
  releases.add('Azure', () => azure.close());
  return {
    azure,
    machine: (group: string, name: string) => machines?.machine(group, name),
    setIdentities: (all: readonly ManagedIdentity[]) => void (identities = all),
  };
};

const startStorage = async (releases: Releases): Promise<{ blobs: Blobs; port: number }> => {
  const log = createLogger('verify', 'error');
  const azurite = await startAzurite({ folder: undefined, blobPort: 0, queuePort: 0, log });
  releases.add('storage', () => azurite.stop());
  const storage = openStorage(azurite.connectionString);
  await storage.prepare();
  return {
    blobs: storage.blobs,
    port: Number(/BlobEndpoint=http:\/\/[^:]+:(\d+)/.exec(azurite.connectionString)?.[1]),
  };
};

const metadataAddress = '169.254.169.254';

const addMetadataAddress = async (network: string): Promise<void> => {
  const { code, output } = await run([
    'ip',
    '-netns',
    network,
    'address',
    'add',
    metadataAddress,
    'dev',
    'lo',
  ]);
  if (code !== 0) throw new Error(`could not add ${metadataAddress} to the network namespace: ${output}`);
};

/** Reads a sample script. */
export const readSample = (name: string): Promise<string> => readFile(join('compute/tasks', name), 'utf8');
