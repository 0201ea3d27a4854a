import type { CommandArguments } from '../command-arguments.ts';

/** The same as the orchestrator's rule for the key of a lock. */
const lockKey = /^[a-z0-9._~/%-]{0,199}[a-z0-9._~%-]$/;

/**
 * The key of a lock as the orchestrator takes it: in lower case, other characters percent-encoded, so that one thing has one
 * lock however it is written. What is encoded already stays so: the key that is shown can be written as it is shown.
 * @returns undefined if nothing is left, if it ends with a slash, or if it is longer than 200 characters
 */
export const toLockKey = (text: string): string | undefined => {
  const key = encoded(text, /%[0-9a-f]{2}|[a-z0-9._~/-]/y);
  return lockKey.test(key) ? key : undefined;
};

/** A value as a part of such a key: it holds no slash, and values that differ in more than their case stay different. */
export const toLockKeyPart = (value: string): string => encoded(value, /[a-z0-9._~-]/y);

/** The text in lower case; what does not match `kept` is percent-encoded, byte by byte. */
const encoded = (text: string, kept: RegExp): string => {
  const lower = text.toWellFormed().normalize('NFC').toLowerCase();
  const parts: string[] = [];
  for (let at = 0; at < lower.length;) {
    kept.lastIndex = at;
    const sound = kept.exec(lower)?.[0];
    const char = String.fromCodePoint(lower.codePointAt(at) ?? 0);
    parts.push(sound ?? Buffer.from(char).toString('hex').replaceAll(/../g, '%$&'));
    at += (sound ?? char).length;
  }
  return parts.join('');
};

/** Reads the one positional argument of a command about a lock; undefined if it is no key, which `given` is told. */
export const parseLockKey = (given: CommandArguments): string | undefined => {
  given.requireAtMost(1, 'the key of one lock');
  const [written] = given.positionals;
  const expected = 'a name of 200 characters at most, not ending with a slash';
  if (!written) {
    given.addMissing('missing-argument', 'The lock’s key is missing', expected);
    return undefined;
  }
  const key = toLockKey(written.value);
  if (key === undefined)
    given.addError(written, 'wrong-type', 'This is no key of a lock', { expected, received: written.value });
  return key;
};
