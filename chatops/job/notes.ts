import * as v from 'valibot';
import { ReviewId } from '../../contracts/comment-id.ts';
import type { Job, Origin } from '../../compute/client/index.ts';
import type { Author } from '../incoming-comment.ts';
import { PlannedLock } from './planned-lock.ts';
import { notifyOptions } from '../policy/policy.ts';

const nullableText = v.optional(v.nullable(v.string()), null);

/**
 * The notes in `origin.notes`: facts for later replies that are determined once, when the job is requested. The orchestrator stores them
 * and does not read them.
 */
export const JobNotes = v.object({
  /** The requester's GitHub id. */
  requester: v.optional(v.nullable(v.number()), null),
  /** The slug of the GitHub App through which the requester posted; null without an app. */
  app: nullableText,
  /** The commit of the policy that allowed the job. */
  policy: nullableText,
  notify: v.optional(v.picklist(notifyOptions), 'never'),
  /** The commit whose check run shows the job. */
  check: nullableText,
  /** Who may approve the job: a description (trusted Markdown), and the names to mention (`@acme/oncall`). */
  approvers: v.optional(v.nullable(v.object({ words: v.string(), mentions: v.array(v.string()) })), null),
  /** The code of the approval. */
  code: nullableText,
  /** The prefix that commands in the repository need; null if none is needed. */
  prefix: nullableText,
  /** Where the job was requested that this one retries; null for a job without a comment. */
  retried: v.optional(
    v.nullable(
      v.object({
        thread: v.object({ number: v.number(), kind: v.picklist(['issue', 'pull-request']) }),
        comment: v.optional(v.object({ id: v.number(), createdAt: v.string() })),
        review: v.optional(v.object({ id: ReviewId, createdAt: v.string() })),
      }),
    ),
    null,
  ),
  /** The command as written, if it differs from the canonical one; null for a job that needs approval. */
  written: nullableText,
  /** The image and the script's sha256. */
  image: nullableText,
  script: nullableText,
  /** The managed identity of the runner that the definition names. */
  identity: nullableText,
  /** The default values that a script gets. Given values are in the job's request. */
  defaults: v.optional(v.array(v.object({ name: v.string(), value: v.string() })), []),
  /** Inputs from the repository: their file and its commit. */
  inputs: v.optional(v.nullable(v.object({ path: v.string(), commit: v.string() })), null),
  /** Sentences that warn an approver; they may contain untrusted text. */
  warnings: v.optional(v.array(v.string()), []),
  /** For a job that waits for approval: the locks that it will need, as they were when it was requested. */
  locks: v.optional(v.array(PlannedLock), []),
  /** The number of comments in the thread. */
  comments: v.optional(v.number(), 0),
});
export type JobNotes = v.InferOutput<typeof JobNotes>;

const emptyNotes = v.parse(JobNotes, {});

/** Returns the notes in a job's origin. Invalid notes count as empty. */
export const parseNotes = (origin: Origin): JobNotes => {
  const read = v.safeParse(JobNotes, origin['notes'] ?? {});
  return read.success ? read.output : emptyNotes;
};

/** Returns the requester of a job from its origin; undefined if the origin has none. */
export const getRequester = ({ origin }: Pick<Job, 'origin'>): Author | undefined => {
  const { requester: id, app } = parseNotes(origin);
  const { sender: login } = origin;
  if (id === null || login === undefined) return undefined;
  if (app !== null) return { id, login, kind: 'person-via-app', app };
  return { id, login, kind: id === 0 || login.endsWith('[bot]') ? 'bot' : 'person' };
};
