import * as v from 'valibot';
import { integerSetting, setting, type SettingCheck } from '../../../runtime/settings.ts';

const guid = (expected: string) =>
  v.pipe(v.string(expected), v.regex(/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i, expected));

const named = (expected: string, pattern: RegExp) => v.pipe(v.string(expected), v.regex(pattern, expected));

const subscriptionName = 'COXSWAIN_ACI_SUBSCRIPTION';
const groupName = 'COXSWAIN_ACI_RESOURCE_GROUP';
const regionName = 'COXSWAIN_ACI_REGION';
const whenMissing = 'tasks do not run on Azure Container Instances';

/** Refuses two launchers. */
const findSecondLauncher: SettingCheck = (_text, { COXSWAIN_LAUNCHER_URL: url }) =>
  url === undefined || url === ''
    ? undefined
    : 'no value, because COXSWAIN_LAUNCHER_URL names another launcher';

/** Returns the setting of a limit. The defaults are the quotas of a new region and subscription. */
const limitSetting = (description: string, max: number, byDefault: number) =>
  setting(description, v.optional(integerSetting(1, max), String(byDefault)), {
    requires: [subscriptionName],
  });

/**
 * The settings of the launcher for Azure Container Instances.
 * Source of the quotas: https://learn.microsoft.com/azure/container-instances/container-instances-resource-and-quota-limits
 */
export const ContainerInstancesSettings = v.object({
  COXSWAIN_ACI_SUBSCRIPTION: setting(
    'The id of the Azure subscription in which tasks run, each in a container group of its own. With this setting and the two that follow, the orchestrator runs tasks on Azure Container Instances.',
    v.optional(guid('expected the id of a subscription, such as 00000000-0000-0000-0000-000000000000')),
    {
      whenMissing,
      requires: [groupName, regionName, 'COXSWAIN_PULL_IDENTITY'],
      checks: [findSecondLauncher],
    },
  ),
  COXSWAIN_ACI_RESOURCE_GROUP: setting(
    'The resource group of the container groups. The orchestrator’s identity needs the role Container Instances Contributor on it.',
    v.optional(named('expected the name of a resource group', /^[-\w.()]{0,89}[-\w()]$/)),
    { whenMissing, requires: [subscriptionName, regionName] },
  ),
  COXSWAIN_ACI_REGION: setting(
    'The region of the container groups.',
    v.optional(named('expected the name of a region, such as westeurope', /^[a-z\d]{2,40}$/)),
    { whenMissing, requires: [subscriptionName, groupName] },
  ),
  COXSWAIN_ACI_SUBNET: setting(
    'The resource id of the subnet of the container groups. The subnet needs a NAT gateway, and must be delegated to `Microsoft.ContainerInstance/containerGroups`.',
    v.optional(
      named(
        'expected the resource id of a subnet: /subscriptions/…/resourceGroups/…/providers/Microsoft.Network/virtualNetworks/…/subnets/…',
        /^\/subscriptions\/[^/\s]+\/resourceGroups\/[^/\s]+\/providers\/Microsoft\.Network\/virtualNetworks\/[^/\s]+\/subnets\/[^/\s]+$/i,
      ),
    ),
    { whenMissing: 'container groups are in no virtual network', requires: [subscriptionName] },
  ),
  COXSWAIN_ACI_MAX_GROUPS: limitSetting(
    'The maximum number of container groups at a time. Set it to at most the quota of the subscription in the region.',
    10_000,
    100,
  ),
  COXSWAIN_ACI_MAX_CORES: limitSetting(
    'The maximum number of CPU cores of all container groups together. Set it to at most the quota of the subscription in the region.',
    100_000,
    100,
  ),
  COXSWAIN_ACI_MAX_CALLS_5_MINUTES: limitSetting(
    'The maximum number of container groups that are created in 5 minutes, and of those that are deleted. Set it to at most the quota of the subscription in the region.',
    10_000,
    100,
  ),
  COXSWAIN_ACI_MAX_CALLS_HOUR: limitSetting(
    'The maximum number of container groups that are created in an hour, and of those that are deleted. Set it to at most the quota of the subscription in the region.',
    100_000,
    300,
  ),
  COXSWAIN_ARM_URL: setting(
    'The address of Azure Resource Manager. It differs in national clouds.',
    v.optional(
      v.pipe(
        named('expected an https URL such as https://management.azure.com', /^https:\/\/[^\s/?#@]+\/*$/),
        v.transform((url) => url.replace(/\/+$/, '')),
      ),
      'https://management.azure.com',
    ),
  ),
  COXSWAIN_DEPLOYMENT: setting(
    'The name of this deployment, in the tag `coxswain-deployment` of its container groups. Deployments that share a resource group need different names: each removes only its own groups.',
    v.optional(
      named(
        'expected at most 63 letters, digits, ".", "_" or "-", starting with a letter or digit',
        /^[A-Za-z\d][\w.-]{0,62}$/,
      ),
      'coxswain',
    ),
  ),
  COXSWAIN_IDENTITY: setting(
    'The client id of the user-assigned managed identity that the orchestrator uses at Azure Resource Manager.',
    v.optional(guid('expected the client id of a managed identity')),
    { whenMissing: 'the system-assigned identity' },
  ),
  AZURE_FEDERATED_TOKEN_FILE: setting(
    'The file with the token of a Kubernetes service account. Microsoft Entra Workload ID sets it, together with `AZURE_CLIENT_ID` and `AZURE_TENANT_ID`.',
    v.optional(v.string()),
    { whenMissing: 'the orchestrator uses a managed identity' },
  ),
});
export type ContainerInstancesSettings = v.InferOutput<typeof ContainerInstancesSettings>;
