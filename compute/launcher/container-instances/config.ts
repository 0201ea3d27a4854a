import { readRunnerConfig, type RunnerConfig } from './resolve-runner.ts';
import type { ContainerRunnerSettings } from './runner-settings.ts';
import type { ContainerInstancesSettings } from './settings.ts';

/** How the launcher creates container groups. */
export type ContainerInstancesConfig = {
  /** The address of Azure Resource Manager, without a slash at its end. */
  armUrl: string;
  subscription: string;
  resourceGroup: string;
  region: string;
  /** The resource id of the subnet of the container groups; null if they are in no virtual network. */
  subnet: string | null;
  /** The value of the tag `coxswain-deployment`. */
  deployment: string;
  limits: ContainerInstancesLimits;
  runners: RunnerConfig;
};

/** The quotas of a subscription in a region, or a part of them. Creates and deletes have the same limits, but are counted separately. */
export type ContainerInstancesLimits = {
  groups: number;
  cores: number;
  callsPer5Minutes: number;
  callsPerHour: number;
};

/** Returns the configuration of the launcher; undefined if the settings do not turn it on. */
export const readContainerInstancesConfig = (
  settings: ContainerInstancesSettings & ContainerRunnerSettings,
): ContainerInstancesConfig | undefined => {
  const {
    COXSWAIN_ACI_SUBSCRIPTION: subscription,
    COXSWAIN_ACI_RESOURCE_GROUP: resourceGroup,
    COXSWAIN_ACI_REGION: region,
  } = settings;
  const runners = readRunnerConfig(settings);
  if (subscription === undefined || resourceGroup === undefined || region === undefined || !runners)
    return undefined;
  return {
    armUrl: settings.COXSWAIN_ARM_URL,
    subscription,
    resourceGroup,
    region,
    subnet: settings.COXSWAIN_ACI_SUBNET ?? null,
    deployment: settings.COXSWAIN_DEPLOYMENT,
    runners,
    limits: {
      groups: settings.COXSWAIN_ACI_MAX_GROUPS,
      cores: settings.COXSWAIN_ACI_MAX_CORES,
      callsPer5Minutes: settings.COXSWAIN_ACI_MAX_CALLS_5_MINUTES,
      callsPerHour: settings.COXSWAIN_ACI_MAX_CALLS_HOUR,
    },
  };
};
