type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;

const toDigits: Reviver = (_key, value, { source }) => (typeof value === 'number' ? source : value);

/**
 * Parses JSON and converts each number to a string with its digits as written, such as `"1.10"` for `1.10`, which a JavaScript number
 * would lose. Node 22 and later pass a number's source text to a reviver.
 *
 * @throws SyntaxError
 */
export const parseJsonPreservingDigits = (text: string): unknown =>
  JSON.parse(text, toDigits as (key: string, value: unknown) => unknown);
