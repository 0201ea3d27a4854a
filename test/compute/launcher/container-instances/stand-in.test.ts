import { afterEach, describe, expect, test } from '@jest/globals';
import { ContainerInstanceManagementClient, type ContainerGroup } from '@azure/arm-containerinstance';
import { startAzure, type AzureOptions, type AzureStandIn } from '../../../fixtures/azure/azure.ts';
import { waitUntil } from '../../../fixtures/wait-until.ts';

/* The stand-in of Azure, called with the real SDK: it behaves as Container Instances is documented to. */

let azure: AzureStandIn;
afterEach(() => azure.close());

/** A container that ends when the test says so. */
const createRuns = () => {
  const runs: {
    name: string;
    variables: Readonly<Record<string, string>>;
    end: (exitCode: number) => void;
  }[] = [];
  const runContainer: AzureOptions['runContainer'] = ({ name, variables }) => {
    const { promise, resolve } = Promise.withResolvers<{ exitCode: number }>();
    runs.push({ name, variables, end: (exitCode) => resolve({ exitCode }) });
    return {
      exited: promise,
      kill: async () => resolve({ exitCode: 137 }),
      log: () => 'one\ntwo\nthree\n',
    };
  };
  return { runs, runContainer };
};

const start = async (options: AzureOptions = {}) => {
  const { runs, runContainer } = createRuns();
  azure = await startAzure({ runContainer, ...options });
  const { COXSWAIN_ACI_SUBSCRIPTION: subscription = '', COXSWAIN_ACI_RESOURCE_GROUP: resourceGroup = '' } =
    azure.environment;
  const client = new ContainerInstanceManagementClient(azure.credential, subscription, {
    endpoint: azure.url,
    tlsOptions: { ca: azure.ca },
    retryOptions: { maxRetries: 0 },
  });
  const { resourceId } = azure.identities.pull;
  const group: ContainerGroup = {
    location: 'westeurope',
    tags: { 'coxswain-job': 'job-1' },
    identity: { type: 'UserAssigned', userAssignedIdentities: { [resourceId]: {} } },
    imageRegistryCredentials: [{ server: 'example.azurecr.io', identity: resourceId }],
    osType: 'Linux',
    restartPolicy: 'Never',
    sku: 'Standard',
    containers: [
      {
        name: 'runner',
        image: 'example.azurecr.io/runner:1',
        environmentVariables: [
          { name: 'PLAIN', value: 'seen' },
          { name: 'SECRET', secureValue: 'never-seen' },
        ],
        resources: { requests: { cpu: 1, memoryInGB: 1.5 } },
      },
    ],
  };
  return {
    runs,
    client,
    group,
    put: async (name: string, changes: Partial<ContainerGroup> = {}) => {
      await client.containerGroups.beginCreateOrUpdate(resourceGroup, name, { ...group, ...changes });
    },
    get: (name: string) => client.containerGroups.get(resourceGroup, name),
    resourceGroup,
  };
};

const stateOf = (name: string) => azure.groups().find((one) => one.name === name)?.state;

describe('a container group', () => {
  test('has no instanceView at first, then runs and ends', async () => {
    let now = 1_000_000;
    const { put, get, runs } = await start({ now: () => now, timing: { accept: 5, pull: 10 } });
    await put('job-1');
    expect(await get('job-1')).not.toHaveProperty('instanceView');
    now += 5_000;
    expect(await get('job-1')).toMatchObject({
      provisioningState: 'Creating',
      instanceView: { state: 'Pending' },
      containers: [{ instanceView: { currentState: { state: 'Waiting' } } }],
    });
    now += 10_000;
    expect(await get('job-1')).toMatchObject({
      provisioningState: 'Succeeded',
      instanceView: { state: 'Running' },
      containers: [{ instanceView: { currentState: { state: 'Running' }, restartCount: 0 } }],
    });
    expect(runs[0]?.variables).toMatchObject({ PLAIN: 'seen', SECRET: 'never-seen' });
    runs[0]?.end(0);
    await waitUntil('the end', () => stateOf('job-1') === 'ended');
    expect(await get('job-1')).toMatchObject({
      instanceView: { state: 'Succeeded' },
      containers: [{ instanceView: { currentState: { state: 'Terminated', exitCode: 0 } } }],
    });
  });
});
