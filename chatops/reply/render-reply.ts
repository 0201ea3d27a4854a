import type { Job } from '../../compute/client/index.ts';
import { parseNotes } from '../job/notes.ts';
import { renderBody, type ReplyBody } from './body.ts';
import { formatCommentLimitWarning, readCommentLimitWarning } from './body.ts';
import { fingerprint, readMarker, type ReplyExplanations } from '../github/reply-marker.ts';
import { formatMentionForJobs, readMention } from './mention.ts';
import { mergeSections } from './section.ts';
import { renderSection, parseSections, type RenderedSection } from './section.ts';
import type { ReplySection } from './section.ts';
import { getStateLabel } from './state-labels.ts';

export { maxSections } from './body.ts';
export { fingerprint, readMarker, type ReplyExplanations, type ReplyMarker } from '../github/reply-marker.ts';
export { renderNotice, shouldNotify } from './notice.ts';
export type { ReplySection } from './section.ts';

/** A reply to write. `comment`: the id of the comment that it answers; `isPublic`: everyone may read it. */
type ReplyContext = { comment: number; isPublic: boolean };

/**
 * A reply after its comment was worked on. `keep`: `jobs` if the comment is as it was, so that texts are said anew; `all` if
 * it was edited, and `sections` are of what came with the edit alone.
 */
type ReplyUpdate = ReplyContext & {
  sections: readonly ReplySection[];
  keep: 'all' | 'jobs';
  /** What it explains to whom. */
  explained?: ReplyExplanations | undefined;
  /** How many comments the thread has; of jobs it is known how many there were. */
  comments?: number | undefined;
};

export type RenderedReply = ReplyBody & {
  /** Whether it shows something else than before: then it is worth an edit. */
  changed: boolean;
  /** How its jobs ended: `well` if all completed; undefined while one runs, or if it has none. */
  ended: 'well' | 'badly' | undefined;
};

/**
 * A reply with these sections, beside what stays of an existing one. A job that an existing one follows always does, and
 * word on it that is older than what stands there changes nothing. If there is none yet, those who are asked to approve are
 * mentioned: a mention calls somebody only in a comment that is new.
 */
export const updateReply = (
  existing: string | undefined,
  { comment, sections, isPublic, keep, explained, comments }: ReplyUpdate,
): RenderedReply => {
  const now = sections.map((section) => renderSection(section, isPublic));
  const jobs = sections.flatMap((section) => (section.kind === 'job' ? [section.job] : []));
  const parts = mergeSections(parseSections(existing ?? ''), now, keep);
  return renderReply(existing, { comment, parts, jobs, explained, comments });
};

/**
 * An existing reply after its jobs have moved: their sections are replaced or, by the order of the comment, added; all
 * others stay as they are. Without an existing one, a reply of these jobs alone.
 */
export const refreshReply = (
  existing: string | undefined,
  { comment, jobs, isPublic }: ReplyContext & { jobs: readonly Job[] },
): RenderedReply => {
  const before = parseSections(existing ?? '');
  const now = jobs.map((job) => renderSection({ kind: 'job', ...findPosition(job, before), job }, isPublic));
  return renderReply(existing, { comment, parts: mergeSections(before, now, 'all'), jobs });
};

/** The states that an existing reply shows of its jobs, by their ids. */
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

/** Whether an existing reply says something to the command of this key. */
export const hasSection = (existing: string, key: string): boolean =>
  parseSections(existing).some((part) => part.key === key);

/** What an existing reply says once to the command of this key; undefined if that has a job, or no section. */
export const readAnswer = (existing: string, key: string): ReplySection | undefined => {
  const part = parseSections(existing).find((part) => part.key === key);
  return part && part.kind !== 'job'
    ? { kind: part.kind, key, index: part.index, markdown: part.markdown(Infinity) }
    : undefined;
};

/** Key and place of a job in its reply: those of its section, or of its command in the comment. */
const findPosition = (
  { id, origin }: Job,
  before: readonly RenderedSection[],
): Pick<RenderedSection, 'key' | 'index'> => {
  const there = before.find(({ job }) => job?.id === id);
  if (there) return { key: there.key, index: there.index };
  const key = origin.comment?.['key'];
  const index = origin.comment?.['index'];
  const fits = typeof index === 'number' && Number.isInteger(index) && index >= 0;
  return {
    key: typeof key === 'string' && /^[0-9a-f]{8}$/.test(key) ? key : fingerprint(id),
    index: fits ? Math.min(index, 999_999_999) : 0,
  };
};

type NextReply = {
  comment: number;
  parts: RenderedSection[];
  jobs: readonly Job[];
  explained?: ReplyExplanations | undefined;
  comments?: number | undefined;
};

const renderReply = (
  existing: string | undefined,
  { comment, parts, jobs, explained = {}, comments = 0 }: NextReply,
): RenderedReply => {
  const before = existing === undefined ? undefined : readMarker(existing);
  const explainedNow: ReplyExplanations = {
    denied: explained.denied ?? before?.denied,
    notHere: explained.notHere ?? before?.notHere,
    reader: explained.reader ?? before?.reader,
    answer: explained.answer ?? before?.answer,
  };
  const crowd =
    readCommentLimitWarning(existing ?? '') ??
    formatCommentLimitWarning(Math.max(comments, ...jobs.map(({ origin }) => parseNotes(origin).comments)));
  const mention = existing === undefined ? formatMentionForJobs(jobs) : readMention(existing);
  const next = renderBody({ comment, mention, commentLimitWarning: crowd, parts, explained: explainedNow });
  const isSame = before?.state === next.state && explainsSame(before, explainedNow);
  return { ...next, changed: !isSame, ended: getOutcome(parts) };
};

const explainsSame = (a: ReplyExplanations, b: ReplyExplanations): boolean =>
  a.denied === b.denied && a.notHere === b.notHere && a.reader === b.reader && a.answer === b.answer;

const getOutcome = (parts: readonly RenderedSection[]): RenderedReply['ended'] => {
  const ends = parts.flatMap(({ job }) => (job ? [getStateLabel(job.state).end] : []));
  if (ends.length === 0 || ends.includes(undefined)) return undefined;
  return ends.includes('badly') ? 'badly' : 'well';
};
