import type { Part } from './part.ts';
import { lookOf } from './state-labels.ts';

const stage = (part: Part): number => (part.job ? lookOf(part.job.state).stage : -1);

/** The newer of two parts of one job: word that comes late does not take it back to an earlier stage. */
const newer = (before: Part | undefined, now: Part): Part =>
  before && stage(now) < stage(before) ? { ...before, key: now.key, index: now.index } : now;

/** By place; of one place (an edit moved commands about) always in the same order. */
const inOrder = (parts: Part[]): Part[] =>
  parts.toSorted((a, b) => a.index - b.index || compare(a.key, b.key) || compare(idOf(a), idOf(b)));

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
const idOf = ({ job }: Part): string => job?.id ?? '';

/**
 * What a reply says after `now` has come in: the newest on each job, and jobs that `now` does not name as they were, for a
 * job that was started stays on the record. A job takes the place of a text of the same key (a refusal, later granted), and
 * a new text that of an old one.
 * @param before the reply as it stands
 * @param keep what stays of `before`: all that `now` does not replace, or jobs alone
 */
export const merged = (before: Part[], now: Part[], keep: 'all' | 'jobs'): Part[] => {
  const known = new Map(before.flatMap((part) => (part.job ? [[part.job.id, part]] : [])));
  const fresh = now.map((part) => (part.job ? newer(known.get(part.job.id), part) : part));
  const named = new Set(fresh.map((part) => part.job?.id ?? part.key));
  const others = before.filter(
    (part) => (part.job || keep === 'all') && !named.has(part.job?.id ?? part.key),
  );
  const all = [...others, ...fresh];
  const taken = new Set(all.filter((part) => part.job).map((part) => part.key));
  return inOrder(all.filter((part) => part.job || !taken.has(part.key)));
};
