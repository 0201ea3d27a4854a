import { isBlank } from './forbidden-characters.ts';
import { findUnclearMark, getClosingMarks } from './quotation-marks.ts';
import type { Command, CommandName } from './command.ts';

/**
 * Returns the canonical form of a command, on one line: name, positionals in order, parameters sorted by name (the end of a lock first),
 * quotes only where needed. It parses back to the same command, also as Markdown: within quotes, `<` and `[` are escaped, so that no part of a value
 * becomes a tag or a link.
 */
export const toCanonicalText = ({
  name,
  positionals,
  parameters,
}: Pick<Command, 'name' | 'positionals' | 'parameters'>): string =>
  [
    `/${name}`,
    ...positionals.map((value) => (value.includes('=') ? quote(value) : quoteIfNeeded(value))),
    ...Object.keys(parameters)
      .toSorted((a, b) => compareNames(name, a, b))
      .map((key) => `${key}=${quoteIfNeeded(parameters[key] ?? '')}`),
  ].join(' ');

/** The parameters of `/lock` that come before its reason, because everything after `reason=` is part of it. */
const endParameters = ['for', 'until'];

/** Compares names in code units. */
const compareNames = (command: CommandName, a: string, b: string): number => {
  const isEnd = (name: string): boolean => command === 'lock' && endParameters.includes(name);
  if (isEnd(a) !== isEnd(b)) return isEnd(a) ? -1 : 1;
  return a < b ? -1 : Number(a > b);
};

const quoteIfNeeded = (value: string): string =>
  value === '' || /[<[]/.test(value) || hasQuotationMark(value) || Array.from(value).some(isBlank)
    ? quote(value)
    : value;

/** Returns whether a value starts with a quotation mark, or contains one that would be unclear without quotes around the value. */
const hasQuotationMark = (value: string): boolean =>
  getClosingMarks(value.charAt(0)) !== undefined || findUnclearMark(value) >= 0;

const quote = (value: string): string => {
  const escaped = value.replaceAll(/["\\]/g, String.raw`\$&`);
  // Some parsers treat a backslash after an address as part of the address, so only the character code is safe there.
  const needsCharacterCodes = /:\/\/|www\./i.test(value);
  return `"${escaped.replaceAll(/[<[]/g, (char) => (needsCharacterCodes ? (characterCodes[char] ?? '') : `\\${char}`))}"`;
};

const characterCodes: Record<string, string> = { '<': String.raw`\u003C`, '[': String.raw`\u005B` };
