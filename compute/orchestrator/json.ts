import * as v from 'valibot';
import { isTooDeep, maxJsonDepth } from '../../runtime/json-depth.ts';
import { exactNumber, findInexactNumber } from '../../contracts/exact-json.ts';
import {
  read,
  readJson,
  unexpected,
  withoutReceived,
  type Problem,
  type Read,
} from '../../contracts/problem.ts';

const Body = v.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'expected a JSON object',
);

const notUtf8 = invalid('UTF-8 text', 'bytes that are not UTF-8');
const tooDeep = invalid(`JSON nested at most ${maxJsonDepth} levels deep`, 'deeper nesting');

function invalid(expected: string, received: string): { ok: false; problem: Problem } {
  const message = `the body: expected ${expected}, received ${received}`;
  return { ok: false, problem: { code: 'invalid-json', field: null, message, expected, received } };
}

/** Reads a request's body as text. Invalid UTF-8 is a problem, and is never replaced by other characters. */
export const textOf = async (request: Request): Promise<Read<string>> => {
  const bytes = await request.arrayBuffer();
  try {
    return { ok: true, value: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return notUtf8;
  }
};

/** Reads a request's body as JSON, and refuses JSON that is nested too deeply; undefined if the body is empty. */
export const jsonOf = async (request: Request): Promise<Read<unknown>> => {
  const text = await textOf(request);
  if (!text.ok) return text;
  if (text.value.trim() === '') return { ok: true, value: undefined };
  if (isTooDeep(text.value)) return tooDeep;
  const body = readJson(v.unknown(), text.value);
  const inexact = body.ok ? findInexactNumber(text.value) : undefined;
  return inexact ? unexpected(inexact.path, exactNumber, 'a number that would be rounded') : body;
};

/**
 * A request's body as a JSON object, whatever its content type says; an empty body is an empty object. The problem shows nothing of
 * the body, in which a secret may stand.
 */
export const bodyOf = async (request: Request): Promise<Read<Record<string, unknown>>> => {
  const parsed = await jsonOf(request);
  const body = parsed.ok ? read(Body, parsed.value ?? {}) : parsed;
  return body.ok ? body : { ok: false, problem: withoutReceived(body.problem) };
};

/** A request's body in the form of a schema. */
export const bodyAs = async <const S extends v.GenericSchema>(
  schema: S,
  request: Request,
): Promise<Read<v.InferOutput<S>>> => {
  const body = await bodyOf(request);
  return body.ok ? read(schema, body.value) : body;
};
