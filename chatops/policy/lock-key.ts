import { createHash } from 'node:crypto';
import { lockPartOf } from '../command/values/lock-key.ts';
import type { LockRule } from './policy.ts';

/** The maximum length of a lock key that the orchestrator accepts. */
const longestKey = 200;

const parameter = /\$\{([^}]*)\}/g;

/**
 * Returns the key of the lock for a job with these values, or the name of the first parameter that it needs and that has no value. A
 * key that would be too long ends in a hash of it.
 */
export const lockKey = (
  { key: template }: LockRule,
  values: Readonly<Record<string, string>>,
): { key: string } | { missing: string } => {
  const filled = fillLockKey(template, values);
  return 'missing' in filled ? filled : { key: shortened(filled.key) };
};

/** The same, however long the key gets. */
export const fillLockKey = (
  template: string,
  values: Readonly<Record<string, string>>,
): { key: string } | { missing: string } => {
  const valueOf = (name: string): string => (Object.hasOwn(values, name) ? (values[name] ?? '') : '');
  const names = Array.from(template.matchAll(parameter), ([, name = '']) => name);
  const missing = names.find((name) => valueOf(name) === '');
  if (missing !== undefined) return { missing };
  const whole = template
    .split(parameter)
    // Every second piece is a parameter's name.
    .map((piece, n) => (n % 2 === 0 ? piece.toLowerCase() : lockPartOf(valueOf(piece))))
    .join('');
  return { key: whole };
};

const shortened = (key: string): string => {
  if (key.length <= longestKey) return key;
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 32);
  return `${key.slice(0, longestKey - hash.length - 1)}~${hash}`;
};
