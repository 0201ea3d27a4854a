import * as v from 'valibot';
import { isTooDeep, maxJsonDepth } from '../../runtime/json-depth.ts';
import { expectedExactNumber, findInexactNumber } from '../../contracts/exact-json.ts';
import {
  parseInput,
  parseJson,
  rejectField,
  omitReceived,
  type Problem,
  type ParseResult,
} from '../../contracts/problem.ts';

const JsonObject = v.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'expected a JSON object',
);

const notUtf8 = rejectBody('UTF-8 text', 'bytes that are not UTF-8');
const tooDeep = rejectBody(`JSON nested at most ${maxJsonDepth} levels deep`, 'deeper nesting');

function rejectBody(expected: string, received: string): { ok: false; problem: Problem } {
  const message = `the body: expected ${expected}, received ${received}`;
  return { ok: false, problem: { code: 'invalid-json', field: null, message, expected, received } };
}

/** Reads a request's body as text. Invalid UTF-8 is a problem, and is never replaced by other characters. */
export const readText = async (request: Request): Promise<ParseResult<string>> => {
  const bytes = await request.arrayBuffer();
  try {
    return { ok: true, value: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return notUtf8;
  }
};

/** Reads a request's body as JSON, and refuses JSON that is nested too deeply; undefined if the body is empty. */
export const readJsonBody = async (request: Request): Promise<ParseResult<unknown>> => {
  const text = await readText(request);
  if (!text.ok) return text;
  if (text.value.trim() === '') return { ok: true, value: undefined };
  if (isTooDeep(text.value)) return tooDeep;
  const body = parseJson(v.unknown(), text.value);
  const inexact = body.ok ? findInexactNumber(text.value) : undefined;
  return inexact ? rejectField(inexact.path, expectedExactNumber, 'a number that would be rounded') : body;
};

/**
 * A request's body as a JSON object, whatever its content type says; an empty body is an empty object. The problem shows nothing of
 * the body, in which a secret may stand.
 */
export const readBody = async (request: Request): Promise<ParseResult<Record<string, unknown>>> => {
  const parsed = await readJsonBody(request);
  const body = parsed.ok ? parseInput(JsonObject, parsed.value ?? {}) : parsed;
  return body.ok ? body : { ok: false, problem: omitReceived(body.problem) };
};

/** A request's body in the form of a schema. */
export const parseBody = async <const S extends v.GenericSchema>(
  schema: S,
  request: Request,
): Promise<ParseResult<v.InferOutput<S>>> => {
  const body = await readBody(request);
  return body.ok ? parseInput(schema, body.value) : body;
};
