import { lockKeyPattern } from '../../../contracts/conditions.ts';
import type { CommandArguments } from '../command-arguments.ts';

/**
 * Returns the lock key for a text, as the orchestrator accepts it: in lower case, with other characters percent-encoded, so that
 * different spellings of a name mean the same lock. Encoded characters stay as they are, so that a key can be written as it is shown.
 * @returns undefined if nothing is left, if it ends with a slash, or if it is longer than 200 characters
 */
export const toLockKey = (text: string): string | undefined => {
  const key = percentEncode(text, /%[0-9a-f]{2}|[a-z0-9._~/-]/y);
  return lockKeyPattern.test(key) ? key : undefined;
};

/** Returns a value as a part of a lock key: without slashes, and different for values that differ in more than case. */
export const toLockKeyPart = (value: string): string => percentEncode(value, /[a-z0-9._~-]/y);

/** Returns the text in lower case, with everything that does not match `unescaped` percent-encoded, byte by byte. */
const percentEncode = (text: string, unescaped: RegExp): string => {
  const lower = text.toWellFormed().normalize('NFC').toLowerCase();
  const parts: string[] = [];
  for (let at = 0; at < lower.length;) {
    unescaped.lastIndex = at;
    const match = unescaped.exec(lower)?.[0];
    const char = String.fromCodePoint(lower.codePointAt(at) ?? 0);
    parts.push(match ?? Buffer.from(char).toString('hex').replaceAll(/../g, '%$&'));
    at += (match ?? char).length;
  }
  return parts.join('');
};

/** Parses the only positional argument as a lock key. If it is not one, adds an error and returns undefined. */
export const parseLockKey = (args: CommandArguments): string | undefined => {
  args.requireAtMost(1, 'one lock key');
  const [keyArgument] = args.positionals;
  const expected = 'a name of at most 200 characters that does not end with a slash';
  if (!keyArgument) {
    args.addMissing('missing-argument', 'The lock key is missing', expected);
    return undefined;
  }
  const key = toLockKey(keyArgument.value);
  if (key === undefined)
    args.addError(keyArgument, 'wrong-type', '{received} is not a lock key', {
      expected,
      received: keyArgument.value,
    });
  return key;
};
