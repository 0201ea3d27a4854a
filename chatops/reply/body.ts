import { parseCommentId, type CommentId } from '../../contracts/comment-id.ts';
import { toCommentAnchor } from '../github/comment-anchor.ts';
import { maxComments } from '../github/ports.ts';
import {
  type ReadingAnswers,
  type ReplyExplanations,
  fingerprint,
  formatMarker,
} from '../github/reply-marker.ts';
import { type RenderedSection, formatSectionLine, separator } from './section.ts';

/** GitHub limits a comment's characters; we count UTF-16 units, which are never fewer. */
const maxLength = 65_536;

/** The maximum number of sections in a reply, and of commands in a comment. */
export const maxSections = 20;

const sectionMargin = 120;
const spareLength = 400;

export type ReplyBody = {
  /** The comment's Markdown. */
  body: string;
  /** Fingerprint of the content. A reply is edited when it changes. */
  state: string;
};

/** The content of a reply: the comment that it answers, the lines above its sections, the sections, and what it explains to whom. */
type BodyContent = {
  comment: CommentId;
  mention: string | undefined;
  commentLimitWarning: string | undefined;
  parts: readonly RenderedSection[];
  explained: ReplyExplanations;
  reads: ReadingAnswers | undefined;
};

/** Renders a reply's body: its sections, each after its hidden line, and the marker as the last line. */
export const renderBody = ({
  comment,
  mention,
  commentLimitWarning: warning,
  parts,
  explained,
  reads,
}: BodyContent): ReplyBody => {
  const shown = parts.slice(0, maxSections);
  const omitted = parts.length - shown.length;
  const jobs = shown.flatMap(({ job }) => (job ? [job.id] : []));
  const above = [mention, warning, formatReference(comment)].filter((line) => line !== undefined);
  const state = fingerprint(
    JSON.stringify([
      omitted,
      ...shown.map((part) => part.shown),
      ...(warning === undefined ? [] : [warning]),
    ]),
  );
  const marker = formatMarker({ v: 1, comment, jobs, state, ...explained, ...(reads && { reads }) });
  const around = marker.length + above.join().length + spareLength + sectionMargin * shown.length;
  const sections = fitSections(shown, maxLength - around).map(
    (markdown, at) => `${formatSectionLine(shown[at] as RenderedSection)}\n${markdown}`,
  );
  const more = omitted > 0 ? [`${omitted} more are not shown here.`] : [];
  const main = [...sections, ...more].join(`\n\n${separator}\n\n`);
  return { body: [...above, main, marker].join('\n\n'), state };
};

/**
 * Formats the line that names and links the comment; undefined for a comment of the conversation, in which the reply follows it. Older
 * lines of a reply come first, because their readers expect them there.
 */
const formatReference = (comment: CommentId): string | undefined => {
  const { kind } = parseCommentId(comment);
  if (kind === 'issue_comment') return undefined;
  const name = kind === 'pull_request_review' ? 'this review' : 'this review comment';
  return `In reply to [${name}](${toCommentAnchor(comment)})`;
};

/** Renders the sections in full if they fit; otherwise truncates each to an equal share of the length. */
const fitSections = (parts: readonly RenderedSection[], room: number): string[] => {
  const whole = parts.map((part) => part.markdown(room));
  const length = whole.reduce((sum, markdown) => sum + markdown.length, 0);
  const share = Math.floor(room / parts.length);
  return length <= room ? whole : parts.map((part) => part.markdown(share));
};

/** The number of comments from which the reply warns that the thread is nearly full. */
const warningThreshold = maxComments - 100;

const warningEnd = `. GitHub allows at most ${maxComments}. Please continue in a new issue.`;
/** Also matches the wording of older versions. */
const linePattern = /^⚠️ This thread has \d+ comments[.,] .{1,60} in a new issue\.$/;

/** Formats the warning that the thread is nearly full; undefined if it is not. */
export const formatCommentLimitWarning = (comments: number): string | undefined =>
  comments < warningThreshold ? undefined : `⚠️ This thread has ${comments} comments${warningEnd}`;

/** Returns the warning in an existing reply. It stays as it is, because a new count is not worth an edit. */
export const readCommentLimitWarning = (body: string): string | undefined => {
  const [first = '', , second = ''] = body.split(/\r?\n/, 3);
  return [first, second].find((line) => linePattern.test(line));
};
