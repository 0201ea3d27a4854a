import type { RenderedSection } from './part.ts';
import { getStateLabel } from './state-labels.ts';

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
