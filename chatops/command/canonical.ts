import { isBlank } from './forbidden-characters.ts';
import type { Command } from './command.ts';

/**
 * The one way to write a command on one line: name, positionals in order, parameters by name; quotes only where needed.
 * It parses back to the same command, also as Markdown: within quotes `<` and `[` are escaped, so that no part of a
 * value becomes a tag or a link.
 */
export const toCanonicalText = ({
  name,
  positionals,
  parameters,
}: Pick<Command, 'name' | 'positionals' | 'parameters'>): string =>
  [
    `/${name}`,
    ...positionals.map((value) => (value.includes('=') ? quoted(value) : written(value))),
    ...Object.keys(parameters)
      .toSorted()
      .map((key) => `${key}=${written(parameters[key] ?? '')}`),
  ].join(' ');

const written = (value: string): string =>
  value === '' || /^'|["<[]/.test(value) || Array.from(value).some(isBlank) ? quoted(value) : value;

const quoted = (value: string): string => {
  const plain = value.replaceAll(/["\\]/g, String.raw`\$&`);
  // To some parsers a backslash after an address belongs to the address: then only the character's number is safe.
  const numbered = /:\/\/|www\./i.test(value);
  return `"${plain.replaceAll(/[<[]/g, (char) => (numbered ? (numbers[char] ?? '') : `\\${char}`))}"`;
};

const numbers: Record<string, string> = { '<': String.raw`\u003C`, '[': String.raw`\u005B` };
