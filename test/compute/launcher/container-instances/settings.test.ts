import { describe, expect, test } from '@jest/globals';
import { readContainerInstancesConfig } from '../../../../compute/launcher/container-instances/config.ts';
import { OrchestratorSettings } from '../../../../compute/orchestrator/settings.ts';
import { readSettings } from '../../../../runtime/settings.ts';
import { EmbeddedSettings } from '../../../../local/embedded-orchestrator/settings.ts';

const required = {
  COXSWAIN_STORAGE: 'UseDevelopmentStorage=true',
  COXSWAIN_EVENTS: 'UseDevelopmentStorage=true',
  COXSWAIN_KEY: 'k'.repeat(24),
};
const subscription = '0b1f6471-1bf0-4dda-aec3-cb9272f09590';
const pullIdentity = {
  resourceId: `/subscriptions/${subscription}/resourceGroups/runners/providers/Microsoft.ManagedIdentity/userAssignedIdentities/pull`,
  clientId: '5d0b1f64-3b1c-4f9e-9a51-0c6a4f4f1c15',
};
const located = {
  COXSWAIN_ACI_SUBSCRIPTION: subscription,
  COXSWAIN_ACI_RESOURCE_GROUP: 'runners',
  COXSWAIN_ACI_REGION: 'westeurope',
};
const configured = { ...located, COXSWAIN_PULL_IDENTITY: JSON.stringify(pullIdentity) };

/** Returns the configuration that both programs read from variables. */
const readConfig = (variables: Record<string, string>) => {
  const environment = { ...required, ...variables };
  const [hosted, embedded] = [
    readContainerInstancesConfig(readSettings(OrchestratorSettings, environment)),
    readContainerInstancesConfig(readSettings(EmbeddedSettings, environment)),
  ];
  expect(hosted).toEqual(embedded);
  return hosted;
};

test('four settings turn the launcher on, with the quotas of a new subscription', () => {
  expect(readConfig({})).toBeUndefined();
  expect(readConfig(configured)).toMatchObject({
    armUrl: 'https://management.azure.com',
    subscription,
    resourceGroup: 'runners',
    region: 'westeurope',
    subnet: null,
    deployment: 'coxswain',
    runners: { pullIdentity },
    limits: { groups: 100, cores: 100, callsPer5Minutes: 100, callsPerHour: 300 },
  });
});

describe('refuses, with the remedy,', () => {
  const read = (variables: Record<string, string>) => () => readConfig(variables);

  test.each(Object.keys(located))('the settings without %s', (missing) => {
    const [first = ''] = Object.keys(located).filter((name) => name !== missing);
    const partial = Object.fromEntries(Object.entries(configured).filter(([name]) => name !== missing));
    expect(read(partial)).toThrow(
      `${missing}: expected a value, because ${first} requires it, received nothing. Set `,
    );
  });

  test('the launcher without an identity to pull images', () => {
    expect(read(located)).toThrow(
      'COXSWAIN_PULL_IDENTITY: expected a value, because COXSWAIN_ACI_SUBSCRIPTION requires it, received nothing. Set both, or neither.',
    );
  });

  test('a limit without the launcher', () => {
    expect(read({ COXSWAIN_ACI_MAX_GROUPS: '10' })).toThrow(
      'COXSWAIN_ACI_SUBSCRIPTION: expected a value, because COXSWAIN_ACI_MAX_GROUPS requires it, received nothing',
    );
  });

  test('two launchers', () => {
    const other = {
      COXSWAIN_LAUNCHER_URL: 'https://launcher.example',
      COXSWAIN_LAUNCHER_KEY: 'a launcher key',
    };
    expect(read({ ...configured, ...other })).toThrow(
      `COXSWAIN_ACI_SUBSCRIPTION: expected no value, because COXSWAIN_LAUNCHER_URL names another launcher, received "${subscription}"`,
    );
  });

  test.each([
    ['COXSWAIN_ACI_SUBSCRIPTION', 'my subscription', 'the id of a subscription'],
    ['COXSWAIN_ACI_RESOURCE_GROUP', 'runners/other', 'the name of a resource group'],
    ['COXSWAIN_ACI_REGION', 'West Europe', 'the name of a region, such as westeurope'],
    ['COXSWAIN_ACI_SUBNET', 'my-subnet', 'the resource id of a subnet'],
    ['COXSWAIN_ACI_MAX_CORES', '0', 'an integer from 1 to 100000'],
    ['COXSWAIN_ARM_URL', 'http://management.azure.com', 'an https URL'],
    ['COXSWAIN_DEPLOYMENT', 'team a', 'at most 63 letters'],
    ['COXSWAIN_IDENTITY', 'coxswain', 'the client id of a managed identity'],
  ])('%s=%s', (name, value, expected) => {
    expect(read({ ...configured, [name]: value })).toThrow(`${name}: expected ${expected}`);
  });
});
