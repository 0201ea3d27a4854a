import type { ContainerGroup } from '@azure/arm-containerinstance';
import type { JobId } from '../../../contracts/ids.ts';
import type { JobPresence } from '../port.ts';
import { countCores, getCreationTime, getGroupJob } from './group-body.ts';
import { toLauncherError, type LauncherContext } from './launcher-context.ts';
import { deleteGroup } from './remove-group.ts';
import { reconcileUsage, claimReconciliation, type Listing } from './usage-record.ts';

/** The maximum number of deletes at a time. */
const maxDeletes = 10;
/** How old a container group must be before it can be a leftover, in milliseconds. */
const minAge = 15 * 60_000;

/**
 * Finishes the deletes of ended jobs, then deletes the container groups whose job has ended or does not exist. Groups of other deployments
 * are never touched.
 */
export const sweepGroups = async (
  context: LauncherContext,
  findJob: (job: JobId) => Promise<JobPresence>,
): Promise<void> => {
  const { groups, left, ended } = await finishDeletes(context);
  let free = left;
  for (const group of groups) {
    const job = getOwnJob(context, group);
    if (job === undefined || ended.has(job) || isDeleting(group) || !isOld(context, group)) continue;
    if (free === 0) return;
    const presence = await findJob(job);
    if (presence === 'live') continue;
    context.log.warn({ job, presence }, 'a container group was left over: deleting it');
    free -= 1;
    if (!(await tryDelete(context, job, group))) return;
  }
};

/**
 * Finishes the deletes of ended jobs and reconciles the usage record, for a launch that found no capacity. Returns false if another process
 * has done so within the last seconds.
 */
export const reclaimCapacity = async (context: LauncherContext): Promise<boolean> => {
  if (!(await context.usage.change(claimReconciliation(context.now())))) return false;
  await finishDeletes(context);
  return true;
};

type Reconciled = { groups: readonly ContainerGroup[]; ended: ReadonlySet<string>; left: number };

/** Reconciles the usage record with a listing, and deletes the groups of ended jobs. `left`: how many deletes may follow. */
const finishDeletes = async (context: LauncherContext): Promise<Reconciled> => {
  const { client, config, usage, now } = context;
  const listedAt = now();
  const groups = await client.list().catch((error: unknown) => {
    throw toLauncherError(error, config);
  });
  const ended = new Set(await usage.change(reconcileUsage(toListing(context, groups), listedAt)));
  const pending = groups.filter(({ name = '' }) => ended.has(name)).filter((group) => !isDeleting(group));
  let left = maxDeletes;
  for (const group of pending.slice(0, maxDeletes)) {
    left -= 1;
    const job = getOwnJob(context, group);
    if (job !== undefined && !(await tryDelete(context, job, group))) return { groups, ended, left: 0 };
  }
  return { groups, ended, left };
};

/** Deletes a group. One that fails does not hold up the others. Returns false if no more deletes are possible now. */
const tryDelete = async (context: LauncherContext, job: JobId, group: ContainerGroup): Promise<boolean> => {
  try {
    return (await deleteGroup(context, job, group)) !== 'refused';
  } catch (error) {
    context.log.error(
      { err: error, job },
      'a container group could not be deleted: the next sweep tries again',
    );
    return true;
  }
};

const getOwnJob = ({ config }: LauncherContext, group: ContainerGroup): JobId | undefined =>
  getGroupJob(group, config.deployment);

const isDeleting = ({ provisioningState }: ContainerGroup): boolean => provisioningState === 'Deleting';

const isOld = ({ now }: LauncherContext, group: ContainerGroup): boolean => {
  const created = getCreationTime(group);
  return created !== undefined && now() - created > minAge;
};

const toListing = (context: LauncherContext, groups: readonly ContainerGroup[]): Listing => {
  const others = groups.filter((group) => getOwnJob(context, group) === undefined);
  const own = groups.flatMap((group): [string, number][] => {
    const job = getOwnJob(context, group);
    return job === undefined ? [] : [[job, countCores(group)]];
  });
  return {
    own: new Map(own),
    others: { groups: others.length, cores: others.reduce((sum, group) => sum + countCores(group), 0) },
  };
};
