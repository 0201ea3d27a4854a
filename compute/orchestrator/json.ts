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

/** Reads a request's body as JSON; undefined if the body is empty. JSON that is nested too deeply is a problem. */
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
 * Reads a request's body as a JSON object, whatever its content type; an empty body is an empty object. The problem shows nothing of
 * the body, because it may contain a secret.
 */
export const readBody = async (request: Request): Promise<ParseResult<Record<string, unknown>>> => {
  const parsed = await readJsonBody(request);
  const body = parsed.ok ? parseInput(JsonObject, parsed.value ?? {}) : parsed;
  return body.ok ? body : { ok: false, problem: omitReceived(body.problem) };
};

/** Reads a request's body and parses it with a schema. */
export const parseBody = async <const S extends v.GenericSchema>(
  schema: S,
  request: Request,
): Promise<ParseResult<v.InferOutput<S>>> => {
  const body = await readBody(request);
  return body.ok ? parseInput(schema, body.value) : body;
};

/** Builds a response with a JSON body. */
export const toJsonResponse = (
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

/** Builds a response that describes a problem. */
export const toProblemResponse = (
  status: number,
  problem: Problem,
  headers: Record<string, string> = {},
): Response => toJsonResponse(status, { error: problem }, headers);

/** Builds a 400 response for an invalid request. */
export const toBadRequest = (problem: Problem): Response => toProblemResponse(400, problem);

/** Builds a response for a field whose value does not meet an expectation. */
export const toFieldResponse = (
  status: number,
  { code, field, expected, received }: FieldProblem,
): Response => toProblemResponse(status, rejectField(field, expected, received, code).problem);

type FieldProblem = { code: string; field: string; expected: string; received: string };

/** Builds a 404 response for an unknown job. */
export const toUnknownJob = (received: string): Response =>
  toFieldResponse(404, { code: 'unknown-job', field: 'id', expected: 'the id of a job', received });

/** Returns a problem without an expectation. */
export const toProblem = (code: string, message: string, field: string | null = null): Problem => ({
  code,
  field,
  message,
  expected: null,
  received: null,
});

/** States which credentials are accepted. The reason why a credential was rejected is only in the log. */
const credentialMessage =
  'Authentication requires a key (header x-functions-key) or the token of a trusted workflow or application (header authorization: Bearer).';

/** Builds a 401 response for an unknown caller. */
export const toUnauthorized = (): Response =>
  toProblemResponse(401, toProblem('unauthorized', credentialMessage), { 'www-authenticate': 'Bearer' });

/** Builds a 503 response for a token that cannot be verified at the moment. */
export const toUnavailable = (): Response =>
  toProblemResponse(503, toProblem('unavailable', 'Tokens cannot be verified at the moment.'), {
    'retry-after': '10',
  });

/** Builds a 403 response for a known caller. @param field the field of the request that is forbidden, if it is one field */
export const toForbidden = (message: string, field: string | null = null): Response =>
  toProblemResponse(403, toProblem('forbidden', message, field));
