import type { Logger } from '../../../runtime/log.ts';
import type { Blobs } from '../../storage/port.ts';
import type { Launcher } from '../port.ts';
import { createAzureCredential } from './azure-credential.ts';
import { readContainerInstancesConfig } from './config.ts';
import { createContainerInstancesLauncher } from './container-instances-launcher.ts';
import type { ContainerRunnerSettings } from './runner-settings.ts';
import type { ContainerInstancesSettings } from './settings.ts';

/** Opens the launcher for Azure Container Instances with the identity of this program; undefined if the settings do not turn it on. */
export const openContainerInstances = (
  settings: ContainerInstancesSettings & ContainerRunnerSettings,
  blobs: Blobs,
  log: Logger,
): Launcher | undefined => {
  const config = readContainerInstancesConfig(settings);
  if (!config) return undefined;
  return createContainerInstancesLauncher({
    config,
    credential: createAzureCredential(settings),
    blobs,
    log,
  });
};
