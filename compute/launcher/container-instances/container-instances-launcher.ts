import type { TokenCredential } from '@azure/identity';
import type { Logger } from '../../../runtime/log.ts';
import type { Blobs } from '../../storage/port.ts';
import { LauncherUnavailableError, type Launcher } from '../port.ts';
import type { ContainerInstancesConfig } from './config.ts';

export type ContainerInstancesOptions = {
  config: ContainerInstancesConfig;
  /** The credential of the orchestrator's identity. */
  credential: TokenCredential;
  /** Where all processes of a deployment share their limits. */
  blobs: Blobs;
  /** The clock, in milliseconds since 1970; `Date.now` unless a test brings its own. */
  now?: () => number;
  /** The certificate authority of a stand-in for Azure. Programs use `NODE_EXTRA_CA_CERTS` instead. */
  tlsOptions?: { ca: string };
  log: Logger;
};

/** Creates a launcher that runs each task in a container group of Azure Container Instances, named after its job. */
export const createContainerInstancesLauncher = (_options: ContainerInstancesOptions): Launcher => {
  const refuse = () =>
    Promise.reject(new LauncherUnavailableError('Azure Container Instances cannot be used yet'));
  return { launch: refuse, inspect: refuse, remove: refuse };
};
