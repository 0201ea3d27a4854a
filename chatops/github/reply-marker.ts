import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { JobId } from '../../contracts/ids.ts';
import { hiddenCommentStart } from '../markdown/untrusted-text.ts';

const ReplyMarker = v.object({
  v: v.literal(1),
  /** The id of the comment that is replied to; 0 on what is no reply. */
  comment: v.number(),
  jobs: v.array(JobId),
  /** Eight hex digits of what is shown, links and running time left out. */
  state: v.pipe(v.string(), v.regex(/^[0-9a-f]{8}$/)),
  /** The id of the user whom this comment tells that something is not for them to do. */
  denied: v.optional(v.number()),
  /** The id of the user whom this comment tells that commands are not taken on the thread. */
  notHere: v.optional(v.number()),
  /** The id of the user whom this comment answers, if that user cannot run, approve or lock anything. */
  reader: v.optional(v.number()),
  /** Eight hex digits of the answer to that user. */
  answer: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{8}$/))),
  /** It is the notice that this job has ended. */
  notice: v.optional(JobId),
});

/** What the last line of a comment of ours says about it. A hint: anyone can paste one. */
export type ReplyMarker = v.InferOutput<typeof ReplyMarker>;

/** What a reply tells a person once a day per thread. */
export type ReplyExplanations = Pick<ReplyMarker, 'denied' | 'notHere' | 'reader' | 'answer'>;

/** The marker as a comment's last line. */
export const formatMarker = (marker: ReplyMarker): string =>
  `${hiddenCommentStart} ${JSON.stringify(marker)} -->`;

/** The marker of a comment's body; undefined if its last line is none. */
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
    return undefined; // not JSON: somebody's text
  }
};

/** Eight hex digits that tell one text from another. */
export const fingerprint = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 8);
