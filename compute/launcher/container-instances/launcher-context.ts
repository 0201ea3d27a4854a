import type { ContainerGroup } from '@azure/arm-containerinstance';
import type { JobId } from '../../../contracts/ids.ts';
import type { Logger } from '../../../runtime/log.ts';
import { LauncherUnavailableError } from '../port.ts';
import { ArmError, defaultRetryAfterSeconds, TokenError } from './arm-error.ts';
import type { ContainerInstancesConfig } from './config.ts';
import { getGroupJob } from './group-body.ts';
import type { GroupClient } from './group-client.ts';
import { blockUntil } from './usage-record.ts';
import type { UsageStore } from './usage-store.ts';

/** What the launcher's calls share. */
export type LauncherContext = {
  config: ContainerInstancesConfig;
  client: GroupClient;
  usage: UsageStore;
  /** In milliseconds since 1970. */
  now: () => number;
  log: Logger;
};

/**
 * Returns the container group of a job; undefined if there is none, also if a group of somebody else has its name.
 * @throws LauncherUnavailableError, or an Error with the remedy
 */
export const findGroup = async (
  { client, config }: LauncherContext,
  job: JobId,
): Promise<ContainerGroup | undefined> => {
  try {
    const group = await client.get(job);
    return group && getGroupJob(group, config.deployment) === job ? group : undefined;
  } catch (error) {
    if (error instanceof ArmError && error.code === 'ResourceGroupNotFound') return undefined;
    throw toLauncherError(error, config);
  }
};

/** Makes all processes wait before their next call of a kind, because Azure limits these calls. */
export const backOff = (
  { usage, now }: LauncherContext,
  kind: 'creates' | 'deletes',
  { retryAfterSeconds }: ArmError,
): Promise<void> =>
  usage.change(blockUntil(kind, now() + (retryAfterSeconds ?? defaultRetryAfterSeconds) * 1_000));

/** What to do about a missing right. */
export const describeMissingRole = ({ resourceGroup }: ContainerInstancesConfig): string =>
  `The orchestrator’s identity may not use container groups in the resource group ${resourceGroup}. Assign it the role Container Instances Contributor on the resource group. A new assignment takes effect after a few minutes.`;

/** Returns the error for the caller: `LauncherUnavailableError` if another attempt can succeed. */
export const toLauncherError = (error: unknown, config: ContainerInstancesConfig): unknown => {
  if (error instanceof TokenError) return new LauncherUnavailableError(error.message, { cause: error });
  if (!(error instanceof ArmError)) return error;
  const { status, message } = error;
  if (status === 403) return new Error(describeMissingRole(config), { cause: error });
  const isTransient = status === null || [401, 408, 409, 429].includes(status) || status >= 500;
  return isTransient ? new LauncherUnavailableError(message, { cause: error }) : error;
};
