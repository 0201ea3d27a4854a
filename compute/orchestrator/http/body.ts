import * as v from 'valibot';
import { read, readJson, withoutReceived, type Read } from '../../formats/problem.ts';

const Body = v.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'expected a JSON object',
);

/**
 * A request's body as a JSON object, whatever its content type says; an empty body is an empty object. The problem shows nothing of
 * the body, in which a secret may stand.
 */
export const bodyOf = async (request: Request): Promise<Read<Record<string, unknown>>> => {
  const text = await request.text();
  if (text.trim() === '') return read(Body, {});
  const parsed = readJson(v.unknown(), text);
  const body = parsed.ok ? read(Body, parsed.value) : parsed;
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
