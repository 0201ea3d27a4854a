import type { Job } from '../../compute/client/index.ts';
import { bodyOf, type Body } from './body.ts';
import { readMarker } from './marker.ts';
import { merged } from './merge.ts';
import { partOf, readParts, type Part } from './part.ts';
import type { Section } from './section.ts';
import { lookOf } from './state.ts';

export { maxSections } from './body.ts';
export { readMarker, type Marker } from './marker.ts';
export type { Section } from './section.ts';

/** A reply to write. `comment`: the id of the comment that it answers; `isPublic`: everyone may read it. */
export type Reply = { comment: number; isPublic: boolean };

export type Refreshed = Body & {
  /** Whether it shows something else than before: then it is worth an edit. */
  changed: boolean;
  /** How its jobs ended: `well` if all completed; undefined while one runs, or if it has none. */
  ended: 'well' | 'badly' | undefined;
};

/**
 * A reply after its comment was worked on (again): these sections, and the jobs that an existing one follows already.
 * Word on a job that is older than what stands there changes nothing.
 */
export const updateReply = (
  existing: string | undefined,
  { comment, sections, isPublic }: Reply & { sections: readonly Section[] },
): Refreshed => {
  const now = sections.map((section) => partOf(section, isPublic));
  return refreshed(existing, comment, merged(readParts(existing ?? ''), now, 'texts-go'));
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
  const now = jobs.map((job): Part => partOf({ kind: 'job', index: placeOf(job, before), job }, isPublic));
  return refreshed(existing, comment, merged(before, now, 'texts-stay'));
};

/** What an existing reply says once to the command at this place; undefined if that has a job, or no section. */
export const earlierAnswer = (existing: string, index: number): Section | undefined => {
  const part = readParts(existing).find((part) => part.index === index);
  return part && part.kind !== 'job'
    ? { kind: part.kind, index, markdown: part.markdown(Infinity) }
    : undefined;
};

/** A job's place in its reply: where it stands, or the one of its command in the comment. */
const placeOf = (job: Job, before: readonly Part[]): number => {
  const index = before.find((part) => part.job?.id === job.id)?.index ?? job.origin.comment?.['index'];
  return typeof index === 'number' && Number.isInteger(index) && index >= 0
    ? Math.min(index, 999_999_999)
    : 0;
};

const refreshed = (existing: string | undefined, comment: number, parts: Part[]): Refreshed => {
  const next = bodyOf(comment, parts);
  const changed = existing === undefined || readMarker(existing)?.state !== next.state;
  return { ...next, changed, ended: endOf(parts) };
};

const endOf = (parts: readonly Part[]): Refreshed['ended'] => {
  const ends = parts.flatMap(({ job }) => (job ? [lookOf(job.state).end] : []));
  if (ends.length === 0 || ends.includes(undefined)) return undefined;
  return ends.includes('badly') ? 'badly' : 'well';
};
