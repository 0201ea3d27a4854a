import type { Part } from './part.ts';
import { lookOf } from './state.ts';

const stage = (part: Part): number => (part.job ? lookOf(part.job.state).stage : -1);

/** The newer of two parts of one job: word that comes late does not take it back to an earlier stage. */
const newer = (before: Part | undefined, now: Part): Part =>
  before && stage(now) < stage(before) ? { ...before, index: now.index } : now;

const inOrder = (parts: Part[]): Part[] => parts.toSorted((a, b) => a.index - b.index || stage(a) - stage(b));

/**
 * What a reply says after `now` has come in: the newest on each job, and jobs that `now` does not name as they were, for a
 * job that was started stays on the record. A job takes the place of a text at the same index (a refusal, later granted).
 * @param before the reply as it stands
 * @param kept texts of `before` that stay
 */
export const merged = (before: Part[], now: Part[], kept: 'texts-stay' | 'texts-go'): Part[] => {
  const known = new Map(before.flatMap((part) => (part.job ? [[part.job.id, part]] : [])));
  const fresh = now.map((part) => (part.job ? newer(known.get(part.job.id), part) : part));
  const named = new Set(fresh.map((part) => part.job?.id));
  const others = before.filter((part) => (part.job ? !named.has(part.job.id) : kept === 'texts-stay'));
  const all = [...others, ...fresh];
  const taken = new Set(all.filter((part) => part.job).map((part) => part.index));
  return inOrder(all.filter((part) => part.job || !taken.has(part.index)));
};
