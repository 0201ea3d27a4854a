import * as v from 'valibot';
import type { Origin } from '../../compute/client/index.ts';
import { notifyOptions } from '../policy/policy.ts';

const text = v.optional(v.nullable(v.string()), null);

/**
 * What a job's origin keeps for whoever shows the job later: it is decided once, when the job is asked for. Stands in
 * `origin.notes`; the orchestrator does not look at it.
 */
export const JobNotes = v.object({
  /** GitHub's id of who asked for it. */
  requester: v.optional(v.nullable(v.number()), null),
  /** The slug of the GitHub App through which that person asked for it; null: through none. */
  app: text,
  /** The commit of the policy that allowed it. */
  policy: text,
  notify: v.optional(v.picklist(notifyOptions), 'never'),
  /** It shows as a check run of this commit. */
  check: text,
  /** Who may approve it: in words (Markdown of ours), and by the names that a mention reaches (`@acme/oncall`). */
  approvers: v.optional(v.nullable(v.object({ words: v.string(), mentions: v.array(v.string()) })), null),
  /** The code that approves it. */
  code: text,
  /** The word that names us where commands have to be written with it; null where they need not. */
  prefix: text,
  /** What exactly runs. */
  image: text,
  script: text,
  /** The defaults among the values that a script gets: what was given stands in the job's request. */
  defaults: v.optional(v.array(v.object({ name: v.string(), value: v.string() })), []),
  /** Inputs from the repository: their file, and the commit it was read at. */
  inputs: v.optional(v.nullable(v.object({ path: v.string(), commit: v.string() })), null),
  /** What an approver should look at twice; sentences that may quote others. */
  warnings: v.optional(v.array(v.string()), []),
  /** Comments that the thread had. */
  comments: v.optional(v.number(), 0),
});
export type JobNotes = v.InferOutput<typeof JobNotes>;

const emptyNotes = v.parse(JobNotes, {});

/** The notes of a job; what is missing or wrong in them is as if it were not said. */
export const parseNotes = (origin: Origin): JobNotes => {
  const read = v.safeParse(JobNotes, origin['notes'] ?? {});
  return read.success ? read.output : emptyNotes;
};
