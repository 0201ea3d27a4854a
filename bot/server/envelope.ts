import * as v from 'valibot';
import { isTooDeep } from '../../runtime/json-depth.ts';

/** What Probot uses of a payload before any handler sees it: an action for the event's name, an installation to sign in as. */
const Envelope = v.pipe(
  v.string(),
  // A schema takes a list for an object too.
  v.regex(/^\s*\{/, 'expected a JSON object'),
  v.check((text) => !isTooDeep(text), 'nested too deeply'),
  v.parseJson(),
  v.object({
    action: v.optional(v.string()),
    installation: v.optional(v.object({ id: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) })),
  }),
);

/** Returns what is wrong with the form of a signed payload; undefined if Probot can take it. */
export const envelopeProblem = (body: string): string | undefined => {
  const read = v.safeParse(Envelope, body, { abortPipeEarly: true });
  if (read.success) return undefined;
  const [issue] = read.issues;
  return `the payload is not valid at ${v.getDotPath(issue) ?? 'its root'}: ${issue.message}`;
};
