import type { Lock, Problem } from '../../compute/client/index.ts';
import { taskLockScope } from '../../contracts/task-locks.ts';
import type { CommandContext } from '../command-context.ts';
import { toScope } from '../incoming-comment.ts';
import { resolveTaskLocks, toValueRecord, type PlannedJob } from '../job/index.ts';
import { maxNotedHolders, type PlannedLock } from '../job/planned-lock.ts';
import { succeed, type Result } from '../result.ts';

type NeededLock = Pick<PlannedLock, 'key' | 'when' | 'slots'>;

/**
 * Returns the locks that a planned job needs with their current holders: the policy's lock, and those of the task's definition, as far as
 * jobs of this repository hold them or wait for them. The problem is that of a definition whose keys cannot be filled.
 */
export const lookUpLocks = async (
  { plan: { work, lock }, values }: PlannedJob,
  context: CommandContext,
): Promise<Result<PlannedLock[], Problem>> => {
  const definition =
    work.kind === 'task'
      ? (await context.catalogue()).find(({ taskName }) => taskName === work.taskName)
      : undefined;
  const added = resolveTaskLocks(definition ?? {}, toValueRecord(values));
  if (!added.ok) return added;
  const scope = toScope(context.comment);
  const own = lock ? await addHolders([{ ...lock, slots: null }], scope, undefined, context) : [];
  return succeed([...own, ...(await addHolders(added.value, taskLockScope, scope, context))]);
};

const addHolders = async (
  locks: readonly NeededLock[],
  scope: string,
  owner: string | undefined,
  { ports }: CommandContext,
): Promise<PlannedLock[]> => {
  if (locks.length === 0) return [];
  const current = await ports.locks.list(scope, owner);
  return locks.map((lock) => ({ ...lock, ...toState(current.find(({ key }) => key === lock.key)) }));
};

const toState = (lock: Lock | undefined): Omit<PlannedLock, keyof NeededLock> => {
  const { holders = [], waiting = [], elsewhere = { holders: 0, waiting: 0 } } = lock ?? {};
  const noted = holders.slice(0, maxNotedHolders);
  return {
    holders: noted,
    more: holders.length - noted.length,
    elsewhere: elsewhere.holders,
    waiting: waiting.length + elsewhere.waiting,
  };
};
