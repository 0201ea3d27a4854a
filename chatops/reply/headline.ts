import type { Job } from '../../compute/client/index.ts';
import { inline } from '../markdown/foreign.ts';
import { exact } from './exact-text.ts';
import { lookOf } from './state.ts';
import { timeBetween } from './time.ts';

/** The command as it was written; a job that came without one is named by what it does. */
export const commandText = ({ kind, origin, request }: Job): string => {
  if (origin.command !== undefined) return origin.command;
  const subject = kind === 'compute' ? request['inputCount'] : request['taskName'];
  const name = typeof subject === 'string' || typeof subject === 'number' ? ` ${subject}` : '';
  return `${kind === 'compute' ? 'compute' : 'run'}${name}`;
};

/** A job by its command and its id, in a sentence. */
export const named = (job: Job): string =>
  job.origin.command === undefined ? inline(job.id) : `${exact(commandText(job), 300)} (${inline(job.id)})`;

/** The same if all that is known may be its id. */
export const namedById = (id: string, jobs: ReadonlyMap<string, Job>): string => {
  const job = jobs.get(id);
  return job ? named(job) : inline(id);
};

/** A job and its state, in one line: `✅ /compute 1000 completed in 3 min`. */
export const headline = (job: Job): string => {
  const { emoji, end } = lookOf(job.state);
  const decided = job.state === 'canceled' || job.reason === 'rejected';
  const by = decided && job.endedBy !== null ? ` by ${inline(job.endedBy, 60)}` : '';
  const spent =
    end && job.endedAt !== null ? timeBetween(job.startedAt ?? job.createdAt, job.endedAt) : undefined;
  const time = spent === undefined ? '' : ` ${end === 'well' ? 'in' : 'after'} ${spent}`;
  return `${emoji} **${exact(commandText(job), 300)}** ${wordsOf(job)}${by}${time}.`;
};

const wordsOf = ({ state, reason, waiting }: Job): string => {
  if (reason === 'rejected') return 'was rejected';
  if (state !== 'waiting' || !waiting) return lookOf(state).words;
  return waiting.for === 'approval' ? 'waits for approval' : 'waits for its turn';
};
