import * as v from 'valibot';
import type { JobId } from '../../../contracts/ids.ts';
import { blockCalls, CallWindow, emptyWindow, takeCall, type Wait } from './sliding-window.ts';
import type { ContainerInstancesLimits } from './config.ts';

/** A container group that exists or may exist. Times are in milliseconds since 1970. */
const GroupUsage = v.object({
  cores: v.number(),
  /** When it was asked for. */
  since: v.number(),
  /** `creating`: Azure may not have answered yet. `ended`: its job has ended, so it must be deleted. */
  state: v.picklist(['creating', 'created', 'ended']),
  /** When its delete was asked for. */
  deletedAt: v.optional(v.number()),
});
type GroupUsage = v.InferOutput<typeof GroupUsage>;

/** What a deployment uses of Azure's quotas, shared by all processes. It is bounded by the quotas. */
export const UsageRecord = v.object({
  v: v.literal(1),
  /** By name, which is the job's id. */
  groups: v.record(v.string(), GroupUsage),
  /** Groups of others in the resource group, as of the last listing. */
  others: v.object({ groups: v.number(), cores: v.number() }),
  creates: CallWindow,
  deletes: CallWindow,
  /** When a process last reconciled the record. */
  reconciledAt: v.number(),
});
export type UsageRecord = v.InferOutput<typeof UsageRecord>;

export const emptyUsage: UsageRecord = {
  v: 1,
  groups: {},
  others: { groups: 0, cores: 0 },
  creates: emptyWindow,
  deletes: emptyWindow,
  reconciledAt: 0,
};

/** A change of the record, and what the caller learns from it. It is repeated if another process was first, so it has no side effects. */
export type UsageChange<T> = (record: UsageRecord) => [record: UsageRecord, result: T];

/**
 * How long the result of a create can be unknown: the time between its reservation and its request, the request, and a margin. Until
 * then, a group that does not exist may still come to exist.
 */
export const settleMilliseconds = 60_000;
/** How long a delete is given before it is asked for again. */
const deleteMilliseconds = 60_000;
/** The minimum time between two reconciliations for launches. */
const reconcileMilliseconds = 10_000;

const setGroup = (record: UsageRecord, job: string, usage: GroupUsage): UsageRecord => ({
  ...record,
  groups: { ...record.groups, [job]: usage },
});

const dropGroup = (record: UsageRecord, job: string): UsageRecord => {
  const { [job]: dropped, ...groups } = record.groups;
  return dropped === undefined ? record : { ...record, groups };
};

const isUnsettled = ({ since }: GroupUsage, now: number): boolean => now - since < settleMilliseconds;

export type Reservation =
  /** `since`: when it was asked for, which can be long before it was written. */
  | { kind: 'reserved'; since: number }
  /** The group was asked for before: look it up. */
  | { kind: 'known' }
  /** The group was asked for, does not exist, and may still come to exist. */
  | { kind: 'unsettled'; seconds: number }
  /** The group is being removed. */
  | { kind: 'ended' }
  | { kind: 'full'; of: 'groups' | 'cores' }
  | { kind: 'wait'; wait: Wait };

type ReservationRequest = {
  job: JobId;
  cores: number;
  now: number;
  limits: ContainerInstancesLimits;
  /** Whether the group was looked up and does not exist. */
  isAbsent: boolean;
};

/** Reserves a group, its cores and a create. */
export const reserveGroup =
  ({ job, cores, now, limits, isAbsent }: ReservationRequest): UsageChange<Reservation> =>
  (record) => {
    const known = record.groups[job];
    if (known?.state === 'ended') return [record, { kind: 'ended' }];
    if (known && !isAbsent) return [record, { kind: 'known' }];
    if (known && isUnsettled(known, now)) {
      const seconds = Math.ceil((known.since + settleMilliseconds - now) / 1_000);
      return [record, { kind: 'unsettled', seconds }];
    }
    const free = dropGroup(record, job);
    const used = countUsage(free);
    if (used.groups + 1 > limits.groups) return [free, { kind: 'full', of: 'groups' }];
    if (used.cores + cores > limits.cores) return [free, { kind: 'full', of: 'cores' }];
    const taken = takeCall(free.creates, now, limits);
    if ('wait' in taken) return [free, { kind: 'wait', wait: taken.wait }];
    const usage: GroupUsage = { cores, since: now, state: 'creating' };
    return [setGroup({ ...free, creates: taken.window }, job, usage), { kind: 'reserved', since: now }];
  };

/** Adds tenths exactly enough: cores have one decimal place. */
const countUsage = ({ groups, others }: UsageRecord): { groups: number; cores: number } => {
  const all = Object.values(groups);
  const tenths = all.reduce((sum, { cores }) => sum + Math.round(cores * 10), Math.round(others.cores * 10));
  return { groups: all.length + others.groups, cores: tenths / 10 };
};

/** Records that a group exists. */
export const settleGroup =
  ({ job, cores, now }: { job: JobId; cores: number; now: number }): UsageChange<void> =>
  (record) => {
    const known = record.groups[job];
    if (known && known.state !== 'creating') return [record, undefined];
    return [setGroup(record, job, { cores, since: known?.since ?? now, state: 'created' }), undefined];
  };

/**
 * Gives back a reservation: the group was not created.
 * @param since that of the reservation, so that a later one of another attempt stays; if it is missing, any is given back
 */
export const releaseGroup =
  (job: JobId, since?: number): UsageChange<void> =>
  (record) => {
    const isOwn = since === undefined || record.groups[job]?.since === since;
    return [isOwn ? dropGroup(record, job) : record, undefined];
  };

/** Records that Azure accepts no calls of a kind until a time. */
export const blockUntil =
  (kind: 'creates' | 'deletes', until: number): UsageChange<void> =>
  (record) => [{ ...record, [kind]: blockCalls(record[kind], until) }, undefined];

/** Records that a job has ended and its group does not exist. Returns false if its group may still come to exist. */
export const endAbsentGroup =
  (job: string, now: number): UsageChange<boolean> =>
  (record) => {
    const known = record.groups[job];
    if (known && known.deletedAt === undefined && known.state !== 'created' && isUnsettled(known, now))
      return [setGroup(record, job, { ...known, state: 'ended' }), false];
    return [dropGroup(record, job), true];
  };

/** Records that a job has ended and its group exists, and takes a delete. `sent`: the delete was asked for a short time ago. */
export const takeDelete =
  ({
    job,
    cores,
    now,
    limits,
  }: {
    job: string;
    cores: number;
    now: number;
    limits: ContainerInstancesLimits;
  }): UsageChange<'granted' | 'sent' | 'wait'> =>
  (record) => {
    const known: GroupUsage = { cores, since: now, ...record.groups[job], state: 'ended' };
    const isSent = known.deletedAt !== undefined && now - known.deletedAt < deleteMilliseconds;
    if (isSent) return [record, 'sent'];
    const taken = takeCall(record.deletes, now, limits);
    if ('wait' in taken) return [setGroup(record, job, known), 'wait'];
    return [setGroup({ ...record, deletes: taken.window }, job, { ...known, deletedAt: now }), 'granted'];
  };

/** Records that Azure refused a delete, so that it is asked for again. */
export const refuseDelete =
  (job: string): UsageChange<void> =>
  (record) => {
    const { deletedAt, ...known } = record.groups[job] ?? {};
    return [deletedAt === undefined ? record : setGroup(record, job, known as GroupUsage), undefined];
  };

/** Returns whether this process may reconcile the record now: one of all processes does, at intervals. */
export const claimReconciliation =
  (now: number): UsageChange<boolean> =>
  (record) =>
    now - record.reconciledAt < reconcileMilliseconds
      ? [record, false]
      : [{ ...record, reconciledAt: now }, true];

/** The container groups that a listing shows. `own`: the cores of those of this deployment, by name. */
export type Listing = { own: ReadonlyMap<string, number>; others: { groups: number; cores: number } };

/**
 * Reconciles the record with a listing: forgets groups that do not exist, and adds those that are missing. Returns the ended jobs.
 * @param listedAt when the listing began: a group that was created since then can be missing in it
 */
export const reconcileUsage =
  ({ own, others }: Listing, listedAt: number): UsageChange<string[]> =>
  (record) => {
    const kept = Object.entries(record.groups).filter(
      ([job, usage]) => own.has(job) || isUnsettled(usage, listedAt),
    );
    const missing = [...own].flatMap(([job, cores]): [string, GroupUsage][] =>
      job in record.groups ? [] : [[job, { cores, since: listedAt, state: 'created' }]],
    );
    const groups = Object.fromEntries([...kept, ...missing]);
    const ended = kept.flatMap(([job, { state }]) => (state === 'ended' ? [job] : []));
    return [{ ...record, groups, others, reconciledAt: listedAt }, ended];
  };
