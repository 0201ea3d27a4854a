import { hash } from 'node:crypto';
import { maxLockKeyLength } from '../../contracts/conditions.ts';
import { toLockKeyPart } from '../command/values/lock-key.ts';
import type { LockRule } from './policy.ts';

const parameter = /\$\{([^}]*)\}/g;

/**
 * Returns the key of the lock for a job with these values, or the name of the first required parameter without a value. The end of a
 * key that is too long is replaced by a hash.
 */
export const buildLockKey = (
  { key: template }: LockRule,
  values: Readonly<Record<string, string>>,
): { key: string } | { missing: string } => {
  const filled = fillLockKey(template, values);
  return 'missing' in filled ? filled : { key: shorten(filled.key) };
};

/** Returns what `buildLockKey` returns, but without a maximum length. */
export const fillLockKey = (
  template: string,
  values: Readonly<Record<string, string>>,
): { key: string } | { missing: string } => {
  const getValue = (name: string): string => (Object.hasOwn(values, name) ? (values[name] ?? '') : '');
  const names = Array.from(template.matchAll(parameter), ([, name = '']) => name);
  const missing = names.find((name) => getValue(name) === '');
  if (missing !== undefined) return { missing };
  const key = template
    .split(parameter)
    // Every second piece is a parameter's name.
    .map((piece, n) => (n % 2 === 0 ? piece.toLowerCase() : toLockKeyPart(getValue(piece))))
    .join('');
  return { key };
};

const shorten = (key: string): string => {
  if (key.length <= maxLockKeyLength) return key;
  const digest = hash('sha256', key).slice(0, 32);
  return `${key.slice(0, maxLockKeyLength - digest.length - 1)}~${digest}`;
};
