import type { Job } from '../../compute/client/index.ts';
import * as v from 'valibot';
import { toCanonicalText } from '../command/canonical.ts';
import { parseNotes } from '../job/notes.ts';
import { getUntrustedCaller, isOriginTrusted } from '../job/trusted-origin.ts';
import { formatExact } from './exact-text.ts';
import { formatPerson } from './caller.ts';
import { formatJobCommand, formatJobId, formatJobLink } from './job-link.ts';
import { formatWait } from './waiting-job.ts';
import { getStateLabel } from './state-labels.ts';
import { formatTimeBetween } from './time.ts';

/** Returns the command as written. A job without a command, or from a caller that can claim any command, is named by what it does. */
export const formatCommand = (job: Job): string => {
  const { kind, origin, request } = job;
  if (origin.command !== undefined)
    return isOriginTrusted(job) ? (parseNotes(origin).written ?? origin.command) : formatRequest(job);
  const subject = kind === 'compute' ? request['inputCount'] : request['taskName'];
  const name = typeof subject === 'string' || typeof subject === 'number' ? ` ${subject}` : '';
  return `${kind === 'compute' ? 'compute' : 'run'}${name}`;
};

const scalar = v.union([v.string(), v.number(), v.boolean()]);
const ShownRequest = v.union([
  v.object({
    taskName: v.string(),
    parameters: v.array(v.object({ name: v.string(), value: scalar })),
  }),
  v.object({ algorithm: v.string(), inputCount: v.number(), parameters: v.record(v.string(), scalar) }),
]);

/** Returns what a job does according to its request, regardless of its origin. */
export const formatRequest = ({ kind, request }: Job): string => {
  const read = v.safeParse(ShownRequest, request);
  if (!read.success) return kind;
  const work = read.output;
  if ('taskName' in work) {
    const parameters = Object.fromEntries(work.parameters.map(({ name, value }) => [name, String(value)]));
    return toCanonicalText({ name: 'run', positionals: [work.taskName], parameters }).slice(1);
  }
  const { algorithm, inputCount, parameters } = work;
  const given = Object.entries(parameters).map(([name, value]) => [name, String(value)]);
  return toCanonicalText({
    name: 'compute',
    positionals: [String(inputCount)],
    parameters: { algorithm, ...Object.fromEntries(given) },
  }).slice(1);
};

/** Formats a job's command and id for use in a sentence. */
export const formatJob = (job: Job): string =>
  job.origin.command === undefined
    ? formatJobLink(job)
    : `${formatExact(formatCommand(job), 300)} (${formatJobLink(job)})`;

/** Returns the subject of a sentence about where a job is shown. A job that no entry started may have no reply. */
export const formatProgressLocation = (job: Job): string =>
  getUntrustedCaller(job) ? formatJobCommand(job, 'status') : 'Its own reply';

/** Formats a job like `formatJob`, or its id if nothing else is known of it. */
export const formatJobById = (id: string, jobs: ReadonlyMap<string, Job>): string => {
  const job = jobs.get(id);
  return job ? formatJob(job) : formatJobId(id);
};

/** Renders a job and its state in one line: `✅ /compute 1000 completed in 3 min`. */
export const renderHeadline = (job: Job): string => {
  const { emoji, end } = getStateLabel(job);
  const decided = job.reason === 'canceled-by-user' || job.reason === 'rejected';
  const by = decided && job.endedBy !== null ? ` by ${formatPerson(job.endedBy, job.endedVia)}` : '';
  const spent =
    end && job.endedAt !== null ? formatTimeBetween(job.startedAt ?? job.createdAt, job.endedAt) : undefined;
  const time = spent === undefined ? '' : ` ${end === 'well' ? 'in' : 'after'} ${spent}`;
  return `${emoji} **${formatExact(formatCommand(job), 300)}** ${formatState(job)}${by}${time}.`;
};

/** Describes a job's state with the job as the subject; for a waiting job, with what it waits for. */
export const formatState = (job: Job): string =>
  job.state === 'waiting' && job.waiting ? formatWait(job.waiting) : getStateLabel(job).words;
