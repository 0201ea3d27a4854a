import type { ContainerGroup } from '@azure/arm-containerinstance';
import type { JobId } from '../../../contracts/ids.ts';
import type { RemovalOutcome } from '../port.ts';
import { ArmError, TokenError } from './arm-error.ts';
import { countCores } from './group-body.ts';
import { backOff, findGroup, toLauncherError, type LauncherContext } from './launcher-context.ts';
import { endAbsentGroup, refuseDelete, takeDelete } from './usage-record.ts';

/** Deletes the container group of a job that has ended. It is gone only when a look-up finds nothing, and no create can be under way. */
export const removeGroup = async (context: LauncherContext, job: JobId): Promise<RemovalOutcome> => {
  const group = await findGroup(context, job);
  if (group) {
    if ((await deleteGroup(context, job, group)) !== 'asked') return 'later';
    if (await findGroup(context, job)) return 'later';
  }
  return (await context.usage.change(endAbsentGroup(job, context.now()))) ? 'gone' : 'later';
};

/**
 * Asks for the delete of a container group, unless that was done a short time ago. `refused`: the limiter or Azure does not allow it now;
 * the record names the job, so that the next sweep tries again.
 */
export const deleteGroup = async (
  context: LauncherContext,
  job: JobId,
  group: ContainerGroup,
): Promise<'asked' | 'asked-before' | 'refused'> => {
  const { client, config, usage, now, log } = context;
  const cores = countCores(group);
  const taken = await usage.change(takeDelete({ job, cores, now: now(), limits: config.limits }));
  if (taken !== 'granted') return taken === 'sent' ? 'asked-before' : 'refused';
  try {
    await client.delete(job);
    log.info({ job }, 'asked for the delete of a container group');
    return 'asked';
  } catch (error) {
    if (error instanceof TokenError || (error instanceof ArmError && !error.isOutcomeUnknown))
      await usage.change(refuseDelete(job));
    if (!(error instanceof ArmError) || (error.status !== 429 && error.status !== 409))
      throw toLauncherError(error, config);
    if (error.status === 429) await backOff(context, 'deletes', error);
    return 'refused';
  }
};
