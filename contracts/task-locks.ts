import * as v from 'valibot';
import { LockKey, LockSlots, type LockCondition } from './conditions.ts';
import { rejectField, type ParseResult } from './problem.ts';

const templateMessage = 'expected a lock key, such as vm/${VMName}';

/** A lock in a task's definition. `key`: can contain `${parameter}`. */
export const TaskLock = v.object({
  key: v.pipe(v.string(templateMessage), v.nonEmpty(templateMessage), v.maxLength(200, templateMessage)),
  slots: v.optional(LockSlots),
  whenTaken: v.optional(v.picklist(['queue', 'refuse'])),
});
export type TaskLock = v.InferOutput<typeof TaskLock>;

/**
 * The scope of locks in definitions. A key means the same for all repositories; callers that are confined to repositories cannot use
 * this scope themselves.
 */
export const taskLockScope = 'tasks';

const parameterPattern = /\$\{([^}]*)\}/g;

/** Returns the names of the parameters in a key. */
export const findKeyParameters = (template: string): string[] =>
  Array.from(template.matchAll(parameterPattern), ([, name = '']) => name);

/**
 * Fills the values into a key, in lower case. Characters of a value other than letters, digits and `-._~` are percent-encoded, so that
 * a value cannot add a slash. Returns undefined if a value is missing or empty, or if the key is too long.
 */
export const fillTaskLock = (
  { key: template, slots = 1, whenTaken = 'queue' }: TaskLock,
  values: Readonly<Record<string, string>>,
): LockCondition | undefined => {
  const getValue = (name: string): string => (Object.hasOwn(values, name) ? (values[name] ?? '') : '');
  if (findKeyParameters(template).some((name) => getValue(name) === '')) return undefined;
  const key = template
    .split(parameterPattern)
    // Every second piece is a parameter's name.
    .map((piece, n) => (n % 2 === 0 ? piece.toLowerCase() : encodeValue(getValue(piece))))
    .join('');
  return v.is(LockKey, key) ? { scope: taskLockScope, key, slots, whenTaken } : undefined;
};

/**
 * Returns the locks of a definition with a job's values, sorted by key so that two jobs never deadlock. Locks with the same key are
 * merged, with the smaller number of slots. The problem never contains values.
 */
export const fillTaskLocks = (
  locks: readonly TaskLock[],
  values: Readonly<Record<string, string>>,
): ParseResult<LockCondition[]> => {
  const byKey = new Map<string, LockCondition>();
  for (const lock of locks) {
    const filled = fillTaskLock(lock, values);
    if (!filled) {
      const expected = `values that make ${lock.key} a valid lock key of at most 200 characters`;
      return rejectField('parameters', expected, 'other values', 'lock-key-invalid');
    }
    const existing = byKey.get(filled.key);
    byKey.set(filled.key, existing ? mergeLocks(existing, filled) : filled);
  }
  const value = [...byKey.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
  return { ok: true, value };
};

const mergeLocks = (a: LockCondition, b: LockCondition): LockCondition => ({
  ...a,
  slots: Math.min(a.slots, b.slots),
  whenTaken: a.whenTaken === 'refuse' ? 'refuse' : b.whenTaken,
});

const encodeValue = (value: string): string =>
  Array.from(value.toWellFormed().normalize('NFC').toLowerCase(), (char) =>
    /^[a-z0-9._~-]$/.test(char) ? char : Buffer.from(char).toString('hex').replaceAll(/../g, '%$&'),
  ).join('');
