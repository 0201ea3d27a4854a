import type { Job, Progress } from '../../compute/client/index.ts';
import { paceOf } from './pace.ts';
import { timeBetween } from './time.ts';

const width = 20;

/** A bar of text, as full as `part` (0 to 1). */
const bar = (part: number): string => {
  const full = Math.floor(Math.min(1, Math.max(0, part)) * width);
  return `\`${'█'.repeat(full)}${'░'.repeat(width - full)}\``;
};

/** `420/1000 blocks done, 2 failed`; digits as they are, for programs and people who search for them. */
export const counts = ({ done, failed, total }: Progress): string =>
  `${done}/${total} blocks done${failed > 0 ? `, ${failed} failed` : ''}`;

/** Progress of a job that runs, as a bar and in numbers. */
export const progressLine = (progress: Progress): string => {
  const { done, failed, total } = progress;
  return `${bar(total === 0 ? 0 : (done + failed) / total)} **${counts(progress)}**`;
};

/** What is said beside the progress and passes with it: workers, running time, pace, time left. */
export const besideProgress = (job: Job): string[] => {
  const workers = job.progress?.workers ?? null;
  const crew = workers === null ? undefined : `${workers} ${workers === 1 ? 'worker' : 'workers'}`;
  const elapsed = job.startedAt === null ? undefined : timeBetween(job.startedAt, job.updatedAt);
  return [crew, elapsed, ...paceOf(job)].filter((part) => part !== undefined);
};
