import { fingerprint, markerLine, type Explained } from '../github/reply-marker.ts';
import { partLine, rule, type Part } from './part.ts';

/** GitHub's bound on a comment is in characters; ours counts UTF-16 units, which are never fewer. */
const maxLength = 65_536;

/** Sections a reply shows. A comment may not hold more commands. */
export const maxSections = 20;

const marginEach = 120;
const spare = 400;

export type Body = {
  /** The comment's Markdown. */
  body: string;
  /** Fingerprint of what it shows: a reply is edited when this differs. */
  state: string;
};

/** A reply: the comment that it answers, the lines above its sections, these, and what it explains to whom. */
type Content = {
  comment: number;
  mention: string | undefined;
  crowd: string | undefined;
  parts: readonly Part[];
  explained: Explained;
};

/** A reply's body: its sections, each behind its hidden line, and the marker as the last line. Each has a fair share of the room. */
export const bodyOf = ({ comment, mention, crowd, parts, explained }: Content): Body => {
  const shown = parts.slice(0, maxSections);
  const left = parts.length - shown.length;
  const jobs = shown.flatMap(({ job }) => (job ? [job.id] : []));
  const above = [mention, crowd].filter((line) => line !== undefined);
  const state = fingerprint(
    JSON.stringify([left, ...shown.map((part) => part.shown), ...(crowd === undefined ? [] : [crowd])]),
  );
  const marker = markerLine({ v: 1, comment, jobs, state, ...explained });
  const around = marker.length + above.join().length + spare + marginEach * shown.length;
  const sections = fitting(shown, maxLength - around).map(
    (markdown, at) => `${partLine(shown[at] as Part)}\n${markdown}`,
  );
  const more = left > 0 ? [`${left} more are not shown here.`] : [];
  const main = [...sections, ...more].join(`\n\n${rule}\n\n`);
  return { body: [...above, main, marker].join('\n\n'), state };
};

/** All as they would like to be, if that fits; otherwise those that are longer than a fair share are cut to it. */
const fitting = (parts: readonly Part[], room: number): string[] => {
  const whole = parts.map((part) => part.markdown(room));
  const length = whole.reduce((sum, markdown) => sum + markdown.length, 0);
  const share = Math.floor(room / parts.length);
  return length <= room ? whole : parts.map((part) => part.markdown(share));
};
