import type { Job, JobState } from '../../compute/client/index.ts';
import { jobIdSource } from '../../contracts/ids.ts';
import { fingerprint } from '../github/reply-marker.ts';
import { truncateMarkdown } from '../markdown/truncate.ts';
import { hiddenCommentStart } from '../markdown/untrusted-text.ts';
import { renderJobSection } from './job-section.ts';
import { getStateLabel, isJobState } from './state-labels.ts';

/**
 * A reply's section for one command of its comment. `key`: identifies the command by its content (8 hex digits), so that it survives
 * edits of the comment; `index`: the command's position in the comment, from 0, only for the order.
 */
export type ReplySection = { key: string; index: number } &
  /** Follows a job until its end. */
  (
    | { kind: 'job'; job: Job }
    /**
     * Does not change. `answer`: the result of a command such as `/help` or `/cancel`; `refusal`: why a command was refused.
     * Our own Markdown, in which untrusted text is already escaped.
     */
    | { kind: 'answer' | 'refusal'; markdown: string }
  );

/** A section in a reply's body, after the hidden line that identifies it. */
export type RenderedSection = {
  kind: ReplySection['kind'];
  key: string;
  index: number;
  /** Only of kind `job`: the job's id, and the state that the section shows. */
  job?: { id: string; state: JobState };
  /** Whether the view of the job, as in a list, lacks what a complete view shows: the last lines of its log. */
  isPartial?: boolean;
  /** Fingerprint of the content. */
  shown: string;
  /** A newer answer has just replaced it. */
  isFolded?: true;
  /** Returns at most `maxLength` characters of Markdown. */
  markdown(maxLength: number): string;
};

/** Collapses an answer that a newer one replaces. @param kind what it is about: the name of a command first */
export const foldSection = (part: RenderedSection, kind: string): RenderedSection => {
  const [name = ''] = kind.split(' ');
  const summary = `<details><summary>Earlier answer to /${name}</summary>`;
  const folded = `${summary}\n\n${part.markdown(Infinity)}\n\n</details>`;
  return {
    ...part,
    shown: fingerprint(folded),
    isFolded: true,
    markdown: (maxLength) => truncateMarkdown(folded, maxLength),
  };
};

/** Separates two sections. */
export const separator = '---';
const trailingSeparator = /\n\n---$/;

/** The length up to which content is compared; what a full body omits makes no difference. */
const comparisonLength = 60_000;

export const renderSection = (section: ReplySection, isPublic: boolean): RenderedSection => {
  const { kind, key, index } = section;
  if (kind !== 'job') {
    const { markdown } = section;
    const shown = fingerprint(markdown);
    return { kind, key, index, shown, markdown: (maxLength) => truncateMarkdown(markdown, maxLength) };
  }
  const { job } = section;
  return {
    kind,
    key,
    index,
    job: { id: job.id, state: job.state },
    isPartial: job.kind === 'task' && job.state === 'running' && job.lastLines === undefined,
    shown: fingerprint(renderJobSection(job, { isPublic, maxLength: comparisonLength, isStable: true })),
    markdown: (maxLength) =>
      truncateMarkdown(renderJobSection(job, { isPublic, maxLength: maxLength }), maxLength),
  };
};

/**
 * The hidden line before a section, one of
 *
 *     <!-- coxswain:section <index> <key> <job id> <state> <fingerprint> -->
 *     <!-- coxswain:section <index> <key> answer|refusal <fingerprint> -->
 *
 * index: the command's position in its comment, from 0, in decimal; key: 8 hex digits that identify it among the comment's commands;
 * fingerprint: 8 hex digits of what the section shows.
 */
export const formatSectionLine = ({ kind, key, index, job, shown }: RenderedSection): string =>
  `${hiddenCommentStart}:section ${index} ${key} ${job ? `${job.id} ${job.state}` : kind} ${shown} -->`;

const linePattern = new RegExp(
  `^${hiddenCommentStart}:section (\\d{1,9}) ([0-9a-f]{8}) (?:(answer|refusal)|(${jobIdSource}) ([a-z-]{1,40})) ([0-9a-f]{8}) -->$`,
);

/** Parses a section's hidden line; undefined for any other line. */
const parseSectionLine = (line: string): Omit<RenderedSection, 'markdown'> | undefined => {
  const [, position, key = '', kind, id, state = '', shown = ''] = linePattern.exec(line) ?? [];
  const index = Number(position);
  if (kind === 'answer' || kind === 'refusal') return { kind, key, index, shown };
  return id !== undefined && isJobState(state)
    ? { kind: 'job', key, index, job: { id, state }, shown }
    : undefined;
};

/** Parses the sections of an existing reply, without the marker in its last line and text before the first section. */
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
    return { ...part, markdown: (maxLength) => truncateMarkdown(markdown, maxLength) };
  });
};

const getStage = (part: RenderedSection): number => (part.job ? getStateLabel(part.job).stage : -1);

/**
 * Returns the newer of two sections of one job: a late update does not return the job to an earlier stage, and a partial view does not
 * replace a section of the same state.
 */
const pickNewer = (before: RenderedSection | undefined, now: RenderedSection): RenderedSection => {
  if (!before) return now;
  const isOlder = getStage(now) < getStage(before);
  const isSame = now.isPartial === true && now.job?.state === before.job?.state;
  return isOlder || isSame ? { ...before, key: now.key, index: now.index } : now;
};

/** Sorts sections by index; sections with the same index (after an edit moved commands) have a stable order. */
const sortByPosition = (parts: RenderedSection[]): RenderedSection[] =>
  parts.toSorted((a, b) => a.index - b.index || compare(a.key, b.key) || compare(getJobId(a), getJobId(b)));

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
const getJobId = ({ job }: RenderedSection): string => job?.id ?? '';

/**
 * Merges the sections of an existing reply with new ones: the newest state of each job, and jobs that `now` does not contain, because
 * every started job stays visible. A job replaces an answer or refusal with the same key, and so does a new answer or refusal.
 * @param before the sections of the existing reply
 * @param keep which of `before` stay unless replaced: all of them, or only jobs
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
