import * as v from 'valibot';

/** A repository as webhooks name it. */
export const Repository = v.object({
  id: v.number(),
  full_name: v.pipe(v.string(), v.regex(/^[^/]+\/[^/]+$/, 'expected owner/name')),
});

/** A webhook that is signed, yet has not the documented form; answered with its `status`. */
export class WrongPayload extends Error {
  override name = 'WrongPayload';
  readonly status = 400;
}

/** The fields of a webhook's payload that we use. @throws WrongPayload */
export const read = <const S extends v.GenericSchema>(
  event: string,
  schema: S,
  payload: unknown,
): v.InferOutput<S> => {
  const result = v.safeParse(schema, payload);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new WrongPayload(
    `The ${event} webhook is wrong at ${v.getDotPath(issue) ?? 'its root'}: ${issue.message}`,
  );
};
