import { hash } from 'node:crypto';
import * as v from 'valibot';
import { CommentId } from '../../contracts/comment-id.ts';
import { JobId } from '../../contracts/ids.ts';
import { hiddenCommentStart } from '../markdown/untrusted-text.ts';

const ReplyMarker = v.object({
  v: v.literal(1),
  /** The id of the comment that the reply answers; 0 if this is not a reply. */
  comment: CommentId,
  jobs: v.array(JobId),
  /** Fingerprint of the content (8 hex digits), without links and running times. */
  state: v.pipe(v.string(), v.regex(/^[0-9a-f]{8}$/)),
  /** The id of the user to whom this comment explains a missing permission. */
  denied: v.optional(v.number()),
  /** The id of the user to whom this comment explains that the thread accepts no commands. */
  notHere: v.optional(v.number()),
  /** The id of the user whom this comment answers, if they cannot run, approve or lock anything. */
  reader: v.optional(v.number()),
  /** Fingerprint of the answer to that user (8 hex digits). */
  answer: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{8}$/))),
  /** The person whose reading commands (such as `/status`) this comment answers, and what each answer is about, by the key of its section. */
  reads: v.optional(
    v.object({
      by: v.number(),
      what: v.record(
        v.pipe(v.string(), v.regex(/^[0-9a-f]{8}$/)),
        v.pipe(v.string(), v.regex(/^[a-z]{1,20}( [a-z0-9-]{1,40})?$/)),
      ),
    }),
  ),
  /** The id of the job whose end this comment announces. */
  notice: v.optional(JobId),
});

/** The metadata in the last line of our comments. Only a hint: anyone can paste a marker. */
export type ReplyMarker = v.InferOutput<typeof ReplyMarker>;

/** The answers of a reply that a newer answer about the same folds. `by`: whom they answer; `what`: by the key of its section. */
export type ReadingAnswers = NonNullable<ReplyMarker['reads']>;

/** What a reply explains to a person once a day per thread. */
export type ReplyExplanations = Pick<ReplyMarker, 'denied' | 'notHere' | 'reader' | 'answer'>;

/** Formats the marker as a comment's last line. */
export const formatMarker = (marker: ReplyMarker): string =>
  `${hiddenCommentStart} ${JSON.stringify(marker)} -->`;

/** Parses the marker of a comment's body; returns undefined if the last line is not a marker. */
export const readMarker = (body: string): ReplyMarker | undefined => {
  const line = body.trimEnd().split('\n').at(-1) ?? '';
  if (!line.startsWith(`${hiddenCommentStart} `) || !line.endsWith(' -->')) return undefined;
  try {
    const marker = v.safeParse(
      ReplyMarker,
      JSON.parse(line.slice(hiddenCommentStart.length + 1, -' -->'.length)),
    );
    return marker.success ? marker.output : undefined;
  } catch {
    return undefined; // not JSON, so not written by us
  }
};

/** Returns 8 hex digits of the text's SHA-256, to detect changes. */
export const fingerprint = (text: string): string => hash('sha256', text).slice(0, 8);
