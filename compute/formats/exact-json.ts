/** JSON as text that `JSON.stringify` writes as it is. Node 21 and later have it. */
type RawJson = { readonly rawJSON: string };
type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;
type Json = typeof JSON & {
  parse(text: string, reviver: Reviver): unknown;
  rawJSON(text: string): RawJson;
  isRawJSON(value: unknown): value is RawJson;
};
const json = JSON as Json;

/** What is expected in place of a number whose digits would be lost. */
export const exactNumber = 'a number that JavaScript can represent exactly, or a string';

/** What may be a number of 16 or more digits, or one with an exponent: all other numbers are exact. */
const mayBeInexact = /\d[\d.]{15}|\d[eE]/;

const keepInexact: Reviver = (_key, value, { source }) =>
  typeof value === 'number' && source !== undefined && !isExact(source, value) ? json.rawJSON(source) : value;

/**
 * Parses JSON without rounding. A number that JavaScript cannot hold, such as `12345678901234567890` or `1e400`, becomes an object
 * that is no number for a schema, and that `JSON.stringify` writes with the same digits.
 *
 * @throws SyntaxError
 */
export const parseExactJson = (text: string): unknown =>
  mayBeInexact.test(text) ? json.parse(text, keepInexact) : JSON.parse(text);

/** A number that JavaScript would round: as it was written, and its place as a dotted path (empty if it is the whole text). */
export type InexactNumber = { source: string; path: string };

/** Finds the first number of a JSON text that JavaScript would round; undefined if there is none. @throws SyntaxError */
export const findInexactNumber = (text: string): InexactNumber | undefined =>
  mayBeInexact.test(text) ? firstInexact(parseExactJson(text), []) : undefined;

const firstInexact = (value: unknown, path: readonly string[]): InexactNumber | undefined => {
  if (json.isRawJSON(value)) return { source: value.rawJSON, path: path.join('.') };
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, one] of Object.entries(value)) {
    const found = firstInexact(one, [...path, key]);
    if (found) return found;
  }
  return undefined;
};

/** Tells whether a number is written back as the same decimal: `0.1` and `1e3` are, `12345678901234567890` and `1e400` are not. */
const isExact = (source: string, value: number): boolean =>
  Number.isFinite(value) && canonicalDecimal(source) === canonicalDecimal(String(value));

/** A decimal as its digits without zeros at either end, and its power of ten. */
const canonicalDecimal = (text: string): string => {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const power = Number(exponent) - fraction.length + digits.length - significant.length;
  return `${sign}${significant}e${power}`;
};
