import * as v from 'valibot';
import { CallerName } from './caller.ts';
import { JobId } from './ids.ts';

/** A person. `id` identifies the person at the caller (GitHub's numeric id); `name` is for display. */
export const Person = v.object({
  id: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_.:@-]{1,100}$/, 'expected an id of at most 100 characters')),
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(200, 'expected a name of at most 200 characters')),
});
export type Person = v.InferOutput<typeof Person>;

const codeMessage = 'expected 10 lowercase letters and digits';

/** Identifies the exact request that an approval is for. The caller that requests the job computes it. */
const ApprovalCode = v.pipe(v.string(codeMessage), v.regex(/^[0-9a-z]{10}$/, codeMessage));

/** Approval by other people before the work begins. */
export const ApprovalCondition = v.object({
  code: ApprovalCode,
  /** How many different people must approve. */
  count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10)), 1),
  /** The time after which the job ends as `approval-expired`. */
  expiresSeconds: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(30 * 86_400)),
  /** The person who cannot approve the request. */
  requester: Person,
});
export type ApprovalCondition = v.InferOutput<typeof ApprovalCondition>;

const scopeMessage = 'expected 1 to 200 visible characters';
/** The scope of a lock's key, chosen by the caller, such as `github.com/1296269`. */
export const LockScope = v.pipe(v.string(scopeMessage), v.regex(/^[\x21-\x7e]{1,200}$/, scopeMessage));

const keyMessage = 'expected 1 to 200 letters, digits or "-._~/%", not ending with "/"';
/** The maximum number of characters of a lock key. */
export const maxLockKeyLength = 200;

/** The form of a lock key: lower case, other characters percent-encoded. */
export const lockKeyPattern = new RegExp(`^[a-z0-9._~/%-]{0,${maxLockKeyLength - 1}}[a-z0-9._~%-]$`);

/** A lock's name within its scope, such as `vm/web-1`. */
export const LockKey = v.pipe(v.string(keyMessage), v.regex(lockKeyPattern, keyMessage));

/** How many jobs can hold a lock at once. */
export const LockSlots = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000));

/** A lock that a job needs. `slots`: the maximum number of jobs that can hold it while this job does. */
export const LockCondition = v.object({
  scope: LockScope,
  key: LockKey,
  slots: v.optional(LockSlots, 1),
  /** What to do if the lock is taken: wait for it, or end the job as `lock-taken`. */
  whenTaken: v.optional(v.picklist(['queue', 'refuse']), 'queue'),
});
export type LockCondition = v.InferOutput<typeof LockCondition>;

/** The maximum number of locks of a request, and of a definition. */
const maxLocks = 4;

/** Returns the schema of a list of locks. */
export const lockList = <const S extends v.GenericSchema>(lock: S) =>
  v.pipe(v.array(lock), v.maxLength(maxLocks, `expected at most ${maxLocks} locks`));

/** What a job waits for before its work begins: first the approval, then the locks in order. */
export const Conditions = v.object({
  approval: v.optional(ApprovalCondition),
  locks: v.optional(lockList(LockCondition), []),
});
export type Conditions = v.InferOutput<typeof Conditions>;

/**
 * A job that holds a lock or waits for it. `slots`: as the job requested; missing in locks of older versions, whose own number applies.
 * `owner`: the `<host>/<repository id>` of its origin; empty for a job of no repository, missing in an entry of an older version.
 */
const LockedJob = v.object({
  job: JobId,
  owner: v.optional(v.string()),
  slots: v.optional(v.number()),
  since: v.string(),
});

/** The repository of the jobs that a request is about: `<host>/<repository id>`. */
export const LockOwner = v.pipe(
  v.string('expected a host, a slash and the numeric id of a repository'),
  v.regex(
    /^[\x21-\x2e\x30-\x7e]{1,150}\/\d{1,15}$/,
    'expected a host, a slash and the numeric id of a repository',
  ),
);

/** When a person's lock ends by itself: at a time, when a thread of the repository in its scope is closed, or at the first of both. */
export const LockEnd = v.object({ at: v.nullable(v.string()), thread: v.nullable(v.number()) });
export type LockEnd = v.InferOutput<typeof LockEnd>;

/** The maximum time for which a person can take a lock that ends by itself, in seconds. */
export const maxLockSeconds = 7 * 86_400;

/** The holder of a lock: a job, or a person who took it by hand. */
export const LockHolder = v.variant('kind', [
  v.object({ kind: v.literal('job'), ...LockedJob.entries }),
  v.object({
    kind: v.literal('person'),
    person: Person,
    /** The caller that named this person. */
    via: v.nullish(CallerName),
    reason: v.nullable(v.string()),
    since: v.string(),
    /** Missing or null: only a person ends it. An older version stores none. */
    end: v.nullish(LockEnd),
  }),
]);
export type LockHolder = v.InferOutput<typeof LockHolder>;

/** A lock with its holders, and its queue of waiting jobs. `slots`: the smallest number that one of its jobs requested. */
export const Lock = v.object({
  v: v.literal(1),
  scope: LockScope,
  key: LockKey,
  slots: v.number(),
  holders: v.array(LockHolder),
  waiting: v.array(LockedJob),
  /** In a view for a repository: the numbers of holders and waiting jobs of other repositories, which are not listed. */
  elsewhere: v.optional(v.object({ holders: v.number(), waiting: v.number() })),
});
export type Lock = v.InferOutput<typeof Lock>;

/** An approval; `via`: the caller that named the approver. */
export const Approval = v.object({ by: Person, at: v.string(), via: v.nullish(CallerName) });
export type Approval = v.InferOutput<typeof Approval>;

/** Why a job is in the state `waiting`. */
export const WaitReason = v.variant('for', [
  v.object({
    for: v.literal('approval'),
    code: ApprovalCode,
    count: v.number(),
    requester: Person,
    /** ISO 8601. */
    expiresAt: v.string(),
  }),
  v.object({
    for: v.literal('lock'),
    scope: LockScope,
    key: LockKey,
    slots: v.number(),
    /** The holders at the last poll. */
    holders: v.array(LockHolder),
    /** The number of further holders, of other repositories; missing if there are none. */
    elsewhere: v.optional(v.number()),
    /** The number of jobs before this one in the queue. */
    ahead: v.number(),
  }),
]);
export type WaitReason = v.InferOutput<typeof WaitReason>;
