/** Raw JSON text that `JSON.stringify` writes unchanged, in Node 21 and later. */
type RawJson = { readonly rawJSON: string };
type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;
type Json = typeof JSON & {
  parse(text: string, reviver: Reviver): unknown;
  rawJSON(text: string): RawJson;
  isRawJSON(value: unknown): value is RawJson;
};
const json = JSON as Json;

/** What is expected instead of a number that would lose digits. */
export const exactNumber = 'a number that JavaScript can represent exactly, or a string';

/** Matches possible numbers with 16 or more digits or an exponent; all other numbers are exact. */
const mayBeInexact = /\d[\d.]{15}|\d[eE]/;

const keepInexact: Reviver = (_key, value, { source }) =>
  typeof value === 'number' && source !== undefined && !isExact(source, value) ? json.rawJSON(source) : value;

/**
 * Parses JSON without rounding. A number that JavaScript cannot represent, such as `12345678901234567890` or `1e400`, becomes an
 * object that schemas do not accept as a number, and that `JSON.stringify` writes with the same digits.
 *
 * @throws SyntaxError
 */
export const parseExactJson = (text: string): unknown =>
  mayBeInexact.test(text) ? json.parse(text, keepInexact) : JSON.parse(text);

/** A number that JavaScript would round: its source text, and its dotted path (empty if it is the whole text). */
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

/** Returns whether a number keeps its decimal value: `0.1` and `1e3` do, `12345678901234567890` and `1e400` do not. */
const isExact = (source: string, value: number): boolean =>
  Number.isFinite(value) && canonicalDecimal(source) === canonicalDecimal(String(value));

/** Returns the length of digits without trailing zeros. A regular expression such as `0+$` would search from each zero again. */
const endWithoutZeros = (digits: string): number => {
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return end;
};

/** Normalizes a decimal to its digits, without leading and trailing zeros, and a power of ten. */
const canonicalDecimal = (text: string): string => {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.slice(0, endWithoutZeros(digits));
  if (significant === '') return '0';
  const power = Number(exponent) - fraction.length + digits.length - significant.length;
  return `${sign}${significant}e${power}`;
};
