import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Releases } from '../../../runtime/lifecycle.ts';
import { startAzure, type AzureStandIn } from '../../../test/fixtures/azure/azure.ts';
import { createInstanceMetadata } from '../../../test/fixtures/azure/instance-metadata.ts';
import type { RunContainer } from '../../../test/fixtures/azure/run-container.ts';
import { createVirtualMachines, type VirtualMachine } from '../../../test/fixtures/azure/virtual-machines.ts';
import { openContainerNetwork } from '../../images/container-network.ts';
import { forward } from '../../images/forward.ts';
import type { RunnerImage } from '../../images/runner-image.ts';
import { run } from '../run.ts';
import { createRuncContainers, type OnContainer } from './runc-containers.ts';

/** A stand-in for Azure whose container groups are real containers, in which it has Azure's own addresses. */
export type AzureStage = {
  azure: AzureStandIn;
  machine: (name: string) => VirtualMachine | undefined;
  /** Runs a container outside of a group. */
  runContainer: RunContainer;
  /** Lets containers reach a port of this machine's 127.0.0.1 at the same address. */
  forwardPort: (port: number) => Promise<void>;
};

/** The resource group of the machines. */
export const resourceGroup = 'rg-a';

/** Starts the stand-in, and a network in which containers reach it. `releases` ends both. `onContainer` is called with each container. */
export const openAzureStage = async (
  image: RunnerImage,
  releases: Releases,
  onContainer: OnContainer = () => {},
): Promise<AzureStage> => {
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-runner-'));
  releases.add('the folder', () => rm(folder, { recursive: true, force: true }));
  const network = await openContainerNetwork(releases);
  await addMetadataAddress(network.name);
  // The identity of the container that was started last: one runs at a time.
  let clientId: string | undefined;
  const runContainer = createRuncContainers({
    image,
    folder,
    network: network.name,
    getAuthority: () => azure.ca,
    onStarted: (container, variables) => {
      clientId = variables['AZURE_CLIENT_ID'];
      onContainer(container, variables);
    },
  });
  let machines: ReturnType<typeof createVirtualMachines> | undefined;
  const azure = await startAzure({
    runContainer,
    services: ({ issuer, subscription, identities }) => {
      machines = createVirtualMachines({
        url: () => 'https://management.azure.com',
        subscription,
        issuer,
        machines: { [resourceGroup]: ['web-1', 'web-2', 'web-3', 'web-4'] },
        operators: [identities.operator],
      });
      const listIdentities = () => Object.values(identities).filter((one) => one.clientId === clientId);
      return {
        arm: [machines.handle],
        metadata: [createInstanceMetadata({ issuer, identities: listIdentities })],
      };
    },
  });
  releases.add('Azure', () => azure.close());
  const forwardTo = (address: string, port: number, to: number) =>
    forward(network.name, { address, port, to }, releases);
  await forwardTo(metadataAddress, 80, Number(new URL(azure.metadataUrl).port));
  await forwardTo('127.0.0.1', 443, Number(new URL(azure.url).port));
  return {
    azure,
    machine: (name) => machines?.machine(resourceGroup, name),
    runContainer,
    forwardPort: (port) => forwardTo('127.0.0.1', port, port),
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

/** Returns the port of blobs in a connection string of Azurite. */
export const getBlobPort = (connectionString: string): number =>
  Number(/BlobEndpoint=http:\/\/[^:;]+:(\d+)/.exec(connectionString)?.[1]);
