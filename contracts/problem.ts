import * as v from 'valibot';

/** What is wrong with one input from outside, in the form in which the HTTP API answers it. */
export type Problem = {
  /** A stable word for programs, such as `invalid-parameter`. */
  code: string;
  /** Which field, as a dotted path; null when no single field is at fault. */
  field: string | null;
  /** One sentence for people. */
  message: string;
  expected: string | null;
  /** What came instead, cut to 200 characters. */
  received: string | null;
};

export type ParseResult<T> = { ok: true; value: T } | { ok: false; problem: Problem };

const formatReceived = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
};

/**
 * A problem with one field that no schema finds: what was expected there, and what came instead.
 * @param received cut to 200 characters; not to be the value of a secret
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
 * A parameter that there is not.
 * @param owner what the parameters are of: `algorithm statistics`
 * @param names of all that there are
 */
export const rejectUndeclaredParameter = (
  owner: string,
  name: string,
  names: readonly string[],
): { ok: false; problem: Problem } => {
  const list = names.join(', ');
  const message = `The ${owner} takes no parameter ${formatReceived(name)}; it takes ${names.length === 0 ? 'none' : list}`;
  const expected = names.length === 0 ? `no parameters, for the ${owner} declares none` : `one of ${list}`;
  const { problem } = rejectField(`parameters.${name}`, expected, name, 'undeclared-parameter');
  return { ok: false, problem: { ...problem, message } };
};

/** The same problem, but for what came: a secret may stand there. */
export const omitReceived = ({ code, field, expected }: Problem): Problem => {
  const message = `${field ?? 'the input'}: expected ${expected ?? 'another value'}`;
  return { code, field, message, expected, received: null };
};

/**
 * Parses input from outside with a schema. A schema's own messages say what was expected
 * (`expected an integer from 1 to 10`); the first issue becomes the problem.
 * @param code the problem's code when it does not fit
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

/** What the schema library calls a kind of value, in our words. */
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
  // Of a field that is missing, the library "expects" its name.
  if (received === 'undefined' && expected?.startsWith('"')) return 'a value';
  return kindNames[expected ?? ''] ?? expected ?? message;
};

/** What came, or how many items of a list that is too long. */
const describeReceived = ({ type, input }: v.BaseIssue<unknown>): string => {
  if (type === 'max_length' && Array.isArray(input)) return String(input.length);
  return input === undefined ? 'nothing' : formatReceived(input);
};

/** Parses JSON text with a schema; invalid JSON is a problem, too. @param parse another JSON parser, which throws the same errors */
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
