import * as v from 'valibot';
import { read, readJson, type Read } from '../../formats/problem.ts';

const Body = v.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'expected a JSON object',
);

/** A request's body as a JSON object, whatever its content type says; an empty body is an empty object. */
export const bodyOf = async (request: Request): Promise<Read<Record<string, unknown>>> => {
  const text = await request.text();
  if (text.trim() === '') return read(Body, {});
  const parsed = readJson(v.unknown(), text);
  return parsed.ok ? read(Body, parsed.value) : parsed;
};
