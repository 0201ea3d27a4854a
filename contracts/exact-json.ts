/** Raw JSON text that `JSON.stringify` writes unchanged, in Node 21 and later. */
type RawJson = { readonly rawJSON: string };
type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;
type Json = typeof JSON & {
  parse(text: string, reviver: Reviver): unknown;
  rawJSON(text: string): RawJson;
  isRawJSON(value: unknown): value is RawJson;
};
const json = JSON as Json;

/** The expectation for a number that would lose digits. */
export const expectedExactNumber = 'a number that JavaScript can represent exactly, or a string';

/**
 * Matches numbers with 16 or more digits or with an exponent; all others are exact. A number is at the start, or after whitespace or one
 * of `[:,`. It can also match inside a string.
 */
const longNumber = /(?:^|[[:,\s])(-?\d(?:[\d.]{15}|[\d.]*[eE])[\d.eE+-]*)/g;

/** Returns whether a JSON text may contain a number that JavaScript would round. Reading all numbers with a reviver takes many times as long. */
const mayBeInexact = (text: string): boolean => {
  for (const [, source = ''] of text.matchAll(longNumber)) if (!isExact(source, Number(source))) return true;
  return false;
};

const preserveInexact: Reviver = (_key, value, { source }) =>
  typeof value === 'number' && source !== undefined && !isExact(source, value) ? json.rawJSON(source) : value;

/**
 * Parses JSON without rounding. A number that JavaScript cannot represent, such as `12345678901234567890` or `1e400`, becomes an
 * object that schemas do not accept as a number, and that `JSON.stringify` writes with the same digits.
 *
 * @throws SyntaxError
 */
export const parseExactJson = (text: string): unknown =>
  mayBeInexact(text) ? json.parse(text, preserveInexact) : JSON.parse(text);

/** A number that JavaScript would round: its source text, and its dotted path (empty if it is the whole text). */
type InexactNumber = { source: string; path: string };

/** Finds the first number of a JSON text that JavaScript would round; undefined if there is none. @throws SyntaxError */
export const findInexactNumber = (text: string): InexactNumber | undefined =>
  mayBeInexact(text) ? findFirstInexact(parseExactJson(text), []) : undefined;

const findFirstInexact = (value: unknown, path: readonly string[]): InexactNumber | undefined => {
  if (json.isRawJSON(value)) return { source: value.rawJSON, path: path.join('.') };
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, one] of Object.entries(value)) {
    const found = findFirstInexact(one, [...path, key]);
    if (found) return found;
  }
  return undefined;
};

/** Returns whether a number keeps its decimal value: `0.1` and `1e3` do, `12345678901234567890` and `1e400` do not. */
const isExact = (source: string, value: number): boolean =>
  Number.isFinite(value) &&
  (String(value) === source || toCanonicalDecimal(source) === toCanonicalDecimal(String(value)));

const toCanonicalDecimal = (text: string): string => {
  const { sign, digits, power } = parseDecimal(text);
  return digits === '' ? '0' : `${sign}${digits}e${power}`;
};

/** Returns the sign of a number, its digits without zeros at either end, and its power of ten. */
const parseDecimal = (text: string): { sign: string; digits: string; power: number } => {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const all = whole + fraction;
  // Without a regular expression: one for the zeros at the end takes quadratic time for zeros in the middle.
  let [from, to] = [0, all.length];
  while (all[from] === '0') from += 1;
  while (to > from && all[to - 1] === '0') to -= 1;
  return { sign, digits: all.slice(from, to), power: Number(exponent) - fraction.length + all.length - to };
};

/** The maximum number of digits in a calculation. */
const maxDigits = 1_000;

/** Returns a number, as `parseExactJson` returns it, as digits times a power of ten; undefined for anything else, and beyond 1 000 digits. */
export const toDecimal = (value: unknown): { digits: bigint; power: number } | undefined => {
  const text = json.isRawJSON(value) ? value.rawJSON : typeof value === 'number' ? String(value) : '';
  if (!/^-?\d/.test(text)) return undefined;
  const { sign, digits, power } = parseDecimal(text);
  if (digits.length > maxDigits) return undefined;
  return digits === '' ? { digits: 0n, power: 0 } : { digits: BigInt(sign + digits), power };
};

/** Returns whether a value of `parseExactJson` is a number, exact in JavaScript or not. */
export const isJsonNumber = (value: unknown): boolean => typeof value === 'number' || json.isRawJSON(value);

/** Returns a value of `parseExactJson` in which each number that JavaScript would round is a string of its digits. */
export const stringifyInexactNumbers = (value: unknown): unknown => {
  const text = JSON.stringify(value);
  return mayBeInexact(text) ? json.parse(text, toDigitText) : value;
};

const toDigitText: Reviver = (_key, value, { source }) =>
  typeof value === 'number' && source !== undefined && !isExact(source, value) ? source : value;
