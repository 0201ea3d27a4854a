import * as v from 'valibot';

/** What is wrong with an input from outside, in the form of the HTTP API's errors. */
export type Problem = {
  /** A stable code for programs, such as `invalid-parameter`. */
  code: string;
  /** The field, as a dotted path; null if no single field is wrong. */
  field: string | null;
  /** One sentence for people. */
  message: string;
  expected: string | null;
  /** The received value, truncated to 200 characters. */
  received: string | null;
};

export type ParseResult<T> = { ok: true; value: T } | { ok: false; problem: Problem };

const formatReceived = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
};

/**
 * Returns a problem with a field that no schema finds.
 * @param received the received value, which must not be a secret; truncated to 200 characters
 */
export const rejectField = (
  field: string,
  expected: string,
  received: unknown,
  code = 'invalid-parameter',
): { ok: false; problem: Problem } => {
  const message = `${field}: expected ${expected}, received ${formatReceived(received)}`;
  return { ok: false, problem: { code, field, message, expected, received: formatReceived(received) } };
};

/**
 * Returns the problem of a parameter that does not exist.
 * @param owner what has the parameters, such as `algorithm statistics`
 * @param names the names of all its parameters
 */
export const rejectUndeclaredParameter = (
  owner: string,
  name: string,
  names: readonly string[],
): { ok: false; problem: Problem } => {
  const list = names.join(', ');
  const hasNone = names.length === 0;
  const message = `The ${owner} has no parameter ${formatReceived(name)}; it has ${hasNone ? 'none' : list}`;
  const expected = hasNone ? `no parameters, because the ${owner} declares none` : `one of ${list}`;
  const { problem } = rejectField(`parameters.${name}`, expected, name, 'undeclared-parameter');
  return { ok: false, problem: { ...problem, message } };
};

/** Returns a problem without the received value, which can be a secret. */
export const omitReceived = ({ code, field, expected }: Problem): Problem => {
  const message = `${field ?? 'the input'}: expected ${expected ?? 'another value'}`;
  return { code, field, message, expected, received: null };
};

/**
 * Parses input from outside with a schema. The messages of a schema state what was expected (`expected an integer from 1 to 10`). The
 * first issue becomes the problem.
 * @param code the code of the problem
 */
export const parseInput = <const S extends v.GenericSchema>(
  schema: S,
  input: unknown,
  code = 'invalid-parameter',
): ParseResult<v.InferOutput<S>> => {
  const result = v.safeParse(schema, input, { abortPipeEarly: true });
  if (result.success) return { ok: true, value: result.output };
  const [issue] = result.issues;
  const field = v.getDotPath(issue);
  const expected = describeExpected(issue);
  const received = describeReceived(issue);
  const message = `${field ?? 'the input'}: expected ${expected}, received ${received}`;
  return { ok: false, problem: { code, field, message, expected, received } };
};

/** Our words for the kinds of values of the schema library. */
const kindNames: Readonly<Record<string, string>> = {
  Array: 'a list',
  Object: 'an object',
  boolean: 'true or false',
  never: 'no such field',
  number: 'a number',
  string: 'a string',
};

const describeExpected = ({ message, expected, received }: v.BaseIssue<unknown>): string => {
  if (message.startsWith('expected ')) return message.slice('expected '.length);
  // For a missing field, the library "expects" its name.
  if (received === 'undefined' && expected?.startsWith('"')) return 'a value';
  return kindNames[expected ?? ''] ?? expected ?? message;
};

/** Returns the received value, or the length of a list that is too long. */
const describeReceived = ({ type, input }: v.BaseIssue<unknown>): string => {
  if (type === 'max_length' && Array.isArray(input)) return String(input.length);
  return input === undefined ? 'nothing' : formatReceived(input);
};

/** Parses JSON text with a schema. Invalid JSON is a problem, too. @param parse another JSON parser, which throws the same errors */
export const parseJson = <const S extends v.GenericSchema>(
  schema: S,
  text: string,
  code = 'invalid-json',
  parse: (text: string) => unknown = JSON.parse,
): ParseResult<v.InferOutput<S>> => {
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    const message = `not JSON: ${(cause as Error).message}`;
    return {
      ok: false,
      problem: { code, field: null, message, expected: 'JSON', received: formatReceived(text) },
    };
  }
  return parseInput(schema, value, code);
};
