import type { Job } from '../../compute/client/index.ts';
import { notesOf } from '../job/notes.ts';
import { bodyOf, type Body } from './body.ts';
import { crowdLine, readCrowd } from './comment-limit-warning.ts';
import { fingerprint, readMarker, type Explained } from '../github/reply-marker.ts';
import { mentionOf, readMention } from './mention.ts';
import { merged } from './merge.ts';
import { partOf, readParts, type Part } from './part.ts';
import type { Section } from './section.ts';
import { lookOf } from './state-labels.ts';

export { maxSections } from './body.ts';
export { fingerprint, readMarker, type Explained, type Marker } from '../github/reply-marker.ts';
export { notice, shouldNotify } from './notice.ts';
export type { Section } from './section.ts';

/** A reply to write. `comment`: the id of the comment that it answers; `isPublic`: everyone may read it. */
type Reply = { comment: number; isPublic: boolean };

/**
 * A reply after its comment was worked on. `keep`: `jobs` if the comment is as it was, so that texts are said anew; `all` if
 * it was edited, and `sections` are of what came with the edit alone.
 */
type ReplyUpdate = Reply & {
  sections: readonly Section[];
  keep: 'all' | 'jobs';
  /** What it explains to whom. */
  explained?: Explained | undefined;
  /** How many comments the thread has; of jobs it is known how many there were. */
  comments?: number | undefined;
};

export type Refreshed = Body & {
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
): Refreshed => {
  const now = sections.map((section) => partOf(section, isPublic));
  const jobs = sections.flatMap((section) => (section.kind === 'job' ? [section.job] : []));
  const parts = merged(readParts(existing ?? ''), now, keep);
  return refreshed(existing, { comment, parts, jobs, explained, comments });
};

/**
 * An existing reply after its jobs have moved: their sections are replaced or, by the order of the comment, added; all
 * others stay as they are. Without an existing one, a reply of these jobs alone.
 */
export const refreshReply = (
  existing: string | undefined,
  { comment, jobs, isPublic }: Reply & { jobs: readonly Job[] },
): Refreshed => {
  const before = readParts(existing ?? '');
  const now = jobs.map((job) => partOf({ kind: 'job', ...placeOf(job, before), job }, isPublic));
  return refreshed(existing, { comment, parts: merged(before, now, 'all'), jobs });
};

/** The states that an existing reply shows of its jobs, by their ids. */
export const shownStates = (existing: string): Map<string, Job['state']> =>
  new Map(readParts(existing).flatMap(({ job }) => (job ? [[job.id, job.state]] : [])));

/** Returns the end that a reply shows: `badly` if a command was refused or a job ended badly; undefined while a job runs. */
export const shownEnd = (existing: string): 'well' | 'badly' | undefined => {
  const parts = readParts(existing);
  const ended = parts.some(({ job }) => job) ? endOf(parts) : 'well';
  return ended && parts.some(({ kind }) => kind === 'refusal') ? 'badly' : ended;
};

/** Returns whether a reply refuses a command. Its comment then has 😕, however its jobs end. */
export const hasRefusal = (existing: string): boolean =>
  readParts(existing).some(({ kind }) => kind === 'refusal');

/** Whether an existing reply says something to the command of this key. */
export const hasSection = (existing: string, key: string): boolean =>
  readParts(existing).some((part) => part.key === key);

/** What an existing reply says once to the command of this key; undefined if that has a job, or no section. */
export const earlierAnswer = (existing: string, key: string): Section | undefined => {
  const part = readParts(existing).find((part) => part.key === key);
  return part && part.kind !== 'job'
    ? { kind: part.kind, key, index: part.index, markdown: part.markdown(Infinity) }
    : undefined;
};

/** Key and place of a job in its reply: those of its section, or of its command in the comment. */
const placeOf = ({ id, origin }: Job, before: readonly Part[]): Pick<Part, 'key' | 'index'> => {
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

type Next = {
  comment: number;
  parts: Part[];
  jobs: readonly Job[];
  explained?: Explained | undefined;
  comments?: number | undefined;
};

const refreshed = (
  existing: string | undefined,
  { comment, parts, jobs, explained = {}, comments = 0 }: Next,
): Refreshed => {
  const before = existing === undefined ? undefined : readMarker(existing);
  const said: Explained = {
    denied: explained.denied ?? before?.denied,
    notHere: explained.notHere ?? before?.notHere,
    reader: explained.reader ?? before?.reader,
    answer: explained.answer ?? before?.answer,
  };
  const crowd =
    readCrowd(existing ?? '') ??
    crowdLine(Math.max(comments, ...jobs.map(({ origin }) => notesOf(origin).comments)));
  const mention = existing === undefined ? mentionOf(jobs) : readMention(existing);
  const next = bodyOf({ comment, mention, crowd, parts, explained: said });
  const isSame = before?.state === next.state && saysSame(before, said);
  return { ...next, changed: !isSame, ended: endOf(parts) };
};

const saysSame = (a: Explained, b: Explained): boolean =>
  a.denied === b.denied && a.notHere === b.notHere && a.reader === b.reader && a.answer === b.answer;

const endOf = (parts: readonly Part[]): Refreshed['ended'] => {
  const ends = parts.flatMap(({ job }) => (job ? [lookOf(job.state).end] : []));
  if (ends.length === 0 || ends.includes(undefined)) return undefined;
  return ends.includes('badly') ? 'badly' : 'well';
};
