import * as v from 'valibot';

/** A repository as webhooks name it. */
export const WebhookRepository = v.object({
  id: v.number(),
  full_name: v.pipe(v.string(), v.regex(/^[^/]+\/[^/]+$/, 'expected owner/name')),
});

/** A signed webhook that does not have the documented form; answered with its `status`. */
export class InvalidPayloadError extends Error {
  override name = 'InvalidPayloadError';
  readonly status = 400;
}

/** Parses the fields of a webhook's payload that we use. @throws InvalidPayloadError */
export const parsePayload = <const S extends v.GenericSchema>(
  event: string,
  schema: S,
  payload: unknown,
): v.InferOutput<S> => {
  const result = v.safeParse(schema, payload);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new InvalidPayloadError(
    `The ${event} webhook is not valid at ${v.getDotPath(issue) ?? 'its root'}: ${issue.message}`,
  );
};
