import { hasEnded, type Job } from '../../../../contracts/job.ts';
import { formatDuration } from '../../../../contracts/duration.ts';
import { markup, type Html } from '../html.ts';

const stateLabels: Record<Job['state'], readonly [emoji: string, label: string]> = {
  queued: ['⏳', 'queued'],
  waiting: ['⏸️', 'waiting'],
  running: ['🚣', 'running'],
  completed: ['✅', 'completed'],
  'completed-with-failures': ['⚠️', 'completed with failures'],
  failed: ['❌', 'failed'],
  canceled: ['🛑', 'canceled'],
  'timed-out': ['⌛', 'timed out'],
};

/** Renders a job's state as a picture and words. A rejected job is not a canceled one. */
export const renderJobState = ({ state, reason }: Pick<Job, 'state' | 'reason'>): Html => {
  const [emoji, label] = stateLabels[state];
  const isRejected = reason === 'rejected';
  return markup`<span class="job-state"><span aria-hidden="true">${isRejected ? '✋' : emoji}</span> ${isRejected ? 'rejected' : label}</span>`;
};

/** Renders how long a job took or, while it runs, has taken so far, which the page's script updates. */
export const renderJobDuration = ({ startedAt, endedAt, state }: Job): Html | false => {
  if (startedAt === null) return false;
  const end = endedAt === null ? Date.now() : Date.parse(endedAt);
  const seconds = Math.max(0, (end - Date.parse(startedAt)) / 1_000);
  const text = formatDuration(seconds);
  return hasEnded(state)
    ? markup`<span>took ${text}</span>`
    : markup`<span>for <span data-since="${startedAt}">${text}</span></span>`;
};

/** Returns the command of a job, or what it runs if no command requested it. */
export const formatJobCommand = ({ kind, origin, request }: Job): string => {
  if (origin.command !== undefined) return origin.command;
  const [name, of] = kind === 'task' ? ['run', request['taskName']] : ['compute', request['inputCount']];
  return `/${name} ${typeof of === 'string' || typeof of === 'number' ? of : ''}`.trim();
};
