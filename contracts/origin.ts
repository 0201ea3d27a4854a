import * as v from 'valibot';

/**
 * Where a job comes from. The orchestrator stores it, and reads only what it compares and filters jobs by; the bot finds the thread of
 * a reply in it.
 */
export const Origin = v.looseObject({
  /** `github.com` or the host of a GitHub Enterprise Server. */
  host: v.optional(v.string()),
  repository: v.optional(v.looseObject({ id: v.number(), name: v.string() })),
  thread: v.optional(v.looseObject({ number: v.number(), kind: v.picklist(['issue', 'pull-request']) })),
  comment: v.optional(v.looseObject({ id: v.number(), createdAt: v.string() })),
  /** The login of the person who gave the command. */
  sender: v.optional(v.string()),
  installation: v.optional(v.number()),
  /** The canonical command, for the reply's heading. */
  command: v.optional(v.string()),
});
export type Origin = v.InferOutput<typeof Origin>;
