import type { Job, JobState } from '../../compute/client/index.ts';
import { fingerprint } from '../github/reply-marker.ts';
import { truncateMarkdown } from '../markdown/truncate.ts';
import { hiddenCommentStart } from '../markdown/untrusted-text.ts';
import { renderJobSection } from './job-section.ts';
import { getStateLabel, isJobState } from './state-labels.ts';

/**
 * What a reply says to one command of its comment. `key`: tells the comment's commands apart by their content (8 hex digits),
 * so that it stays the same when the comment is edited; `index`: the command's place in the comment, from 0, for the order alone.
 */
export type ReplySection = { key: string; index: number } &
  /** Follows a job to its end. */
  (
    | { kind: 'job'; job: Job }
    /**
     * Says something once: `answer` what was asked for (help, tasks, a cancel that was done), `refusal` why something is not
     * done. Markdown of ours, with text of others already made harmless.
     */
    | { kind: 'answer' | 'refusal'; markdown: string }
  );

/** A section as it stands in a reply's body, behind a hidden line that names it. */
export type RenderedSection = {
  kind: ReplySection['kind'];
  key: string;
  index: number;
  /** Of kind `job`: the job, and its state as it is shown. */
  job?: { id: string; state: JobState };
  /** Fingerprint of what it shows. */
  shown: string;
  /** At most `room` characters of Markdown. */
  markdown(room: number): string;
};

/** What stands between two sections, and belongs to neither. */
export const separator = '---';
const trailingSeparator = /\n\n---$/;

/** Room in which what a job shows is compared: what a full body leaves out makes no difference. */
const comparisonLength = 60_000;

export const renderSection = (section: ReplySection, isPublic: boolean): RenderedSection => {
  const { kind, key, index } = section;
  if (kind !== 'job') {
    const { markdown } = section;
    const shown = fingerprint(markdown);
    return { kind, key, index, shown, markdown: (room) => truncateMarkdown(markdown, room) };
  }
  const { job } = section;
  return {
    kind,
    key,
    index,
    job: { id: job.id, state: job.state },
    shown: fingerprint(renderJobSection(job, { isPublic, room: comparisonLength, isStable: true })),
    markdown: (room) => truncateMarkdown(renderJobSection(job, { isPublic, room }), room),
  };
};

/**
 * The hidden line before a section, one of
 *
 *     <!-- coxswain:section <index> <key> <job id> <state> <fingerprint> -->
 *     <!-- coxswain:section <index> <key> answer|refusal <fingerprint> -->
 *
 * index: the command's place in its comment, from 0, in decimal; key: 8 hex digits that tell the comment's commands apart;
 * fingerprint: 8 hex digits of what the section shows.
 */
export const formatSectionLine = ({ kind, key, index, job, shown }: RenderedSection): string =>
  `${hiddenCommentStart}:section ${index} ${key} ${job ? `${job.id} ${job.state}` : kind} ${shown} -->`;

const linePattern = new RegExp(
  `^${hiddenCommentStart}:section (\\d{1,9}) ([0-9a-f]{8}) (?:(answer|refusal)|(job-[0-9a-f]{32}) ([a-z-]{1,40})) ([0-9a-f]{8}) -->$`,
);

/** What a hidden line says of its section; undefined for any other line. */
const parseSectionLine = (line: string): Omit<RenderedSection, 'markdown'> | undefined => {
  const [, place, key = '', kind, id, state = '', shown = ''] = linePattern.exec(line) ?? [];
  const index = Number(place);
  if (kind === 'answer' || kind === 'refusal') return { kind, key, index, shown };
  return id !== undefined && isJobState(state)
    ? { kind: 'job', key, index, job: { id, state }, shown }
    : undefined;
};

/** The sections of an existing reply. Its last line, the marker, and text before the first section are none. */
export const parseSections = (body: string): RenderedSection[] => {
  const lines = body.replaceAll('\r\n', '\n').trimEnd().split('\n').slice(0, -1);
  const starts = lines.flatMap((line, at) => {
    const part = parseSectionLine(line);
    return part ? [{ at, part }] : [];
  });
  return starts.map(({ at, part }, n) => {
    const markdown = lines
      .slice(at + 1, starts[n + 1]?.at)
      .join('\n')
      .trim()
      .replace(trailingSeparator, '');
    return { ...part, markdown: (room) => truncateMarkdown(markdown, room) };
  });
};

const getStage = (part: RenderedSection): number => (part.job ? getStateLabel(part.job.state).stage : -1);

/** The newer of two parts of one job: word that comes late does not take it back to an earlier stage. */
const pickNewer = (before: RenderedSection | undefined, now: RenderedSection): RenderedSection =>
  before && getStage(now) < getStage(before) ? { ...before, key: now.key, index: now.index } : now;

/** By place; of one place (an edit moved commands about) always in the same order. */
const sortByPosition = (parts: RenderedSection[]): RenderedSection[] =>
  parts.toSorted((a, b) => a.index - b.index || compare(a.key, b.key) || compare(getJobId(a), getJobId(b)));

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
const getJobId = ({ job }: RenderedSection): string => job?.id ?? '';

/**
 * What a reply says after `now` has come in: the newest on each job, and jobs that `now` does not name as they were, for a
 * job that was started stays on the record. A job takes the place of a text of the same key (a refusal, later granted), and
 * a new text that of an old one.
 * @param before the reply as it stands
 * @param keep what stays of `before`: all that `now` does not replace, or jobs alone
 */
export const mergeSections = (
  before: RenderedSection[],
  now: RenderedSection[],
  keep: 'all' | 'jobs',
): RenderedSection[] => {
  const known = new Map(before.flatMap((part) => (part.job ? [[part.job.id, part]] : [])));
  const fresh = now.map((part) => (part.job ? pickNewer(known.get(part.job.id), part) : part));
  const named = new Set(fresh.map((part) => part.job?.id ?? part.key));
  const others = before.filter(
    (part) => (part.job || keep === 'all') && !named.has(part.job?.id ?? part.key),
  );
  const all = [...others, ...fresh];
  const taken = new Set(all.filter((part) => part.job).map((part) => part.key));
  return sortByPosition(all.filter((part) => part.job || !taken.has(part.key)));
};
