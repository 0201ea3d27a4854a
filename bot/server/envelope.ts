import * as v from 'valibot';
import { isTooDeep } from '../../runtime/json-depth.ts';

/** The fields of a payload that Probot uses before any handler: the action, for the event's name, and the installation. */
const Envelope = v.pipe(
  v.string(),
  // An object schema also accepts arrays.
  v.regex(/^\s*\{/, 'expected a JSON object'),
  v.check((text) => !isTooDeep(text), 'nested too deeply'),
  v.parseJson(),
  v.object({
    action: v.optional(v.string()),
    installation: v.optional(v.object({ id: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) })),
  }),
);

/** Returns the problem of a signed payload's form; undefined if Probot can process it. */
export const findEnvelopeProblem = (body: string): string | undefined => {
  const read = v.safeParse(Envelope, body, { abortPipeEarly: true });
  if (read.success) return undefined;
  const [issue] = read.issues;
  return `the payload is not valid at ${v.getDotPath(issue) ?? 'its root'}: ${issue.message}`;
};
