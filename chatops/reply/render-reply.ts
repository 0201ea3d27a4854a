import type { CommentId } from '../../contracts/comment-id.ts';
import { getRequestComment } from '../../contracts/origin.ts';
import type { Job } from '../../compute/client/index.ts';
import { parseNotes } from '../job/notes.ts';
import { renderBody, type ReplyBody } from './body.ts';
import { formatCommentLimitWarning, readCommentLimitWarning } from './body.ts';
import {
  fingerprint,
  readMarker,
  type ReadingAnswers,
  type ReplyExplanations,
} from '../github/reply-marker.ts';
import { formatMentionForJobs, mayAwaitApproval, readMention } from './mention.ts';
import { foldSection, mergeSections } from './section.ts';
import { renderSection, parseSections, type RenderedSection } from './section.ts';
import type { ReplySection } from './section.ts';
import { getStateLabel } from './state-labels.ts';

export { maxSections } from './body.ts';
export {
  fingerprint,
  readMarker,
  type ReadingAnswers,
  type ReplyExplanations,
  type ReplyMarker,
} from '../github/reply-marker.ts';
export { renderNotice, shouldNotify } from './notice.ts';
export type { ReplySection } from './section.ts';

/** A reply to write. `comment`: the id of the comment that it answers; `isPublic`: whether everyone can read it. */
type ReplyContext = { comment: CommentId; isPublic: boolean };

/**
 * An update of a reply after its comment was processed. `keep`: `jobs` if the comment is unchanged, so that other sections are replaced;
 * `all` if it was edited and `sections` contains only the added commands.
 */
type ReplyUpdate = ReplyContext & {
  sections: readonly ReplySection[];
  keep: 'all' | 'jobs';
  /** What the reply explains, and to whom. */
  explained?: ReplyExplanations | undefined;
  /** Its answers that a newer one folds. */
  reads?: ReadingAnswers | undefined;
  /** The number of comments on the thread; jobs have it in their metadata. */
  comments?: number | undefined;
};

export type RenderedReply = ReplyBody & {
  /** Whether the content differs from the existing reply, which then needs an edit. */
  changed: boolean;
  /** How its jobs ended: `well` if all completed; undefined while a job runs, or without jobs. */
  ended: 'well' | 'badly' | undefined;
};

/**
 * Renders a reply with these sections and what remains of the existing reply. Jobs already in the reply are kept, and an older state
 * never overwrites a newer one. A new reply mentions the approvers, because an edit does not notify anyone.
 */
export const updateReply = (
  existing: string | undefined,
  { comment, sections, isPublic, keep, explained, reads, comments }: ReplyUpdate,
): RenderedReply => {
  const now = sections.map((section) => renderSection(section, isPublic));
  const jobs = sections.flatMap((section) => (section.kind === 'job' ? [section.job] : []));
  const parts = mergeSections(parseSections(existing ?? ''), now, keep);
  return renderReply(existing, { comment, parts, jobs, explained, reads, comments });
};

/**
 * Renders an existing reply with the current state of its jobs: replaces their sections, or adds them in the order of the comment; other
 * sections stay. Without an existing reply, renders one with only these jobs.
 */
export const refreshReply = (
  existing: string | undefined,
  { comment, jobs, isPublic }: ReplyContext & { jobs: readonly Job[] },
): RenderedReply => {
  const before = parseSections(existing ?? '');
  const now = jobs.map((job) => renderSection({ kind: 'job', ...findPosition(job, before), job }, isPublic));
  return renderReply(existing, { comment, parts: mergeSections(before, now, 'all'), jobs });
};

/**
 * Folds the answers of an existing reply that newer ones replace; its other sections stay as they are. Undefined if there is none.
 * @param kinds what the newer answers are about
 */
export const foldAnswers = (existing: string, kinds: ReadonlySet<string>): RenderedReply | undefined => {
  const marker = readMarker(existing);
  if (!marker?.reads) return undefined;
  const { what } = marker.reads;
  const isReplaced = ({ kind, key }: RenderedSection): boolean =>
    kind === 'answer' && Object.hasOwn(what, key) && kinds.has(what[key] ?? '');
  const before = parseSections(existing);
  if (!before.some(isReplaced)) return undefined;
  const parts = before.map((part) => (isReplaced(part) ? foldSection(part, what[part.key] ?? '') : part));
  return renderReply(existing, { comment: marker.comment, parts, jobs: [] });
};

/** Returns the states of the jobs in an existing reply, by job id. */
export const readJobStates = (existing: string): Map<string, Job['state']> =>
  new Map(parseSections(existing).flatMap(({ job }) => (job ? [[job.id, job.state]] : [])));

/** Returns the end that a reply shows: `badly` if a command was refused or a job ended badly; undefined while a job runs. */
export const readOutcome = (existing: string): 'well' | 'badly' | undefined => {
  const parts = parseSections(existing);
  const ended = parts.some(({ job }) => job) ? getOutcome(parts) : 'well';
  return ended && parts.some(({ kind }) => kind === 'refusal') ? 'badly' : ended;
};

/** Returns whether a reply refuses a command. Its comment then has 😕, however its jobs end. */
export const hasRefusal = (existing: string): boolean =>
  parseSections(existing).some(({ kind }) => kind === 'refusal');

/** Returns whether an existing reply has a section for the command with this key. */
export const hasSection = (existing: string, key: string): boolean =>
  parseSections(existing).some((part) => part.key === key);

/** Returns the answer or refusal in an existing reply for the command with this key; undefined for a job or a missing section. */
export const readAnswer = (existing: string, key: string): ReplySection | undefined => {
  const part = parseSections(existing).find((part) => part.key === key);
  return part && part.kind !== 'job'
    ? { kind: part.kind, key, index: part.index, markdown: part.markdown(Infinity) }
    : undefined;
};

/** Returns the key and index of a job's section: those of its existing section, or of its command in the comment. */
const findPosition = (
  { id, origin }: Job,
  before: readonly RenderedSection[],
): Pick<RenderedSection, 'key' | 'index'> => {
  const there = before.find(({ job }) => job?.id === id);
  if (there) return { key: there.key, index: there.index };
  const comment = getRequestComment(origin);
  const [key, index] = [comment?.['key'], comment?.['index']];
  const fits = typeof index === 'number' && Number.isInteger(index) && index >= 0;
  return {
    key: typeof key === 'string' && /^[0-9a-f]{8}$/.test(key) ? key : fingerprint(id),
    index: fits ? Math.min(index, 999_999_999) : 0,
  };
};

type NextReply = {
  comment: CommentId;
  parts: RenderedSection[];
  jobs: readonly Job[];
  explained?: ReplyExplanations | undefined;
  /** Added to those of the existing reply. */
  reads?: ReadingAnswers | undefined;
  comments?: number | undefined;
};

const renderReply = (
  existing: string | undefined,
  { comment, parts, jobs, explained = {}, reads, comments = 0 }: NextReply,
): RenderedReply => {
  const before = existing === undefined ? undefined : readMarker(existing);
  const explainedNow: ReplyExplanations = {
    denied: explained.denied ?? before?.denied,
    notHere: explained.notHere ?? before?.notHere,
    reader: explained.reader ?? before?.reader,
    answer: explained.answer ?? before?.answer,
  };
  const commentLimitWarning =
    readCommentLimitWarning(existing ?? '') ??
    formatCommentLimitWarning(Math.max(comments, ...jobs.map(({ origin }) => parseNotes(origin).comments)));
  const mention = existing === undefined ? formatMentionForJobs(jobs) : keepMention(existing, parts, jobs);
  const next = renderBody({
    comment,
    mention,
    commentLimitWarning,
    parts,
    explained: explainedNow,
    reads: joinReads(before?.reads, reads, parts),
  });
  const isSame = before?.state === next.state && explainsSame(before, explainedNow);
  return { ...next, changed: !isSame, ended: getOutcome(parts) };
};

/** Returns the answers of a reply that a newer one folds: the known and the new ones, as far as the reply shows them unfolded. */
const joinReads = (
  before: ReadingAnswers | undefined,
  now: ReadingAnswers | undefined,
  parts: readonly RenderedSection[],
): ReadingAnswers | undefined => {
  const by = now?.by ?? before?.by;
  if (by === undefined) return undefined;
  const known = { ...(before?.by === by ? before.what : {}), ...now?.what };
  const open = new Set(
    parts.flatMap(({ kind, key, isFolded }) => (kind === 'answer' && !isFolded ? [key] : [])),
  );
  const what = Object.fromEntries(Object.entries(known).filter(([key]) => open.has(key)));
  return Object.keys(what).length === 0 ? undefined : { by, what };
};

/** Returns the line of mentions in an existing reply, as long as a job may wait for approval. A job that is not at hand may. */
const keepMention = (
  existing: string,
  parts: readonly RenderedSection[],
  jobs: readonly Job[],
): string | undefined => {
  const current = new Map(jobs.map((job) => [job.id, job]));
  const isNeeded = parts.some(
    ({ job }) => job && mayAwaitApproval({ state: job.state, waiting: current.get(job.id)?.waiting ?? null }),
  );
  return isNeeded ? readMention(existing) : undefined;
};

const explainsSame = (a: ReplyExplanations, b: ReplyExplanations): boolean =>
  a.denied === b.denied && a.notHere === b.notHere && a.reader === b.reader && a.answer === b.answer;

const getOutcome = (parts: readonly RenderedSection[]): RenderedReply['ended'] => {
  const ends = parts.flatMap(({ job }) => (job ? [getStateLabel(job).end] : []));
  if (ends.length === 0 || ends.includes(undefined)) return undefined;
  return ends.includes('badly') ? 'badly' : 'well';
};
