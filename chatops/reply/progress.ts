import type { Job, JobProgress } from '../../compute/client/index.ts';
import { formatThroughput } from './pace.ts';
import { formatTimeBetween } from './time.ts';

const barWidth = 20;

/** A bar of text, as full as `part` (0 to 1). */
const formatBar = (part: number): string => {
  const full = Math.floor(Math.min(1, Math.max(0, part)) * barWidth);
  return `\`${'█'.repeat(full)}${'░'.repeat(barWidth - full)}\``;
};

/** `420/1000 blocks done, 2 failed`; digits as they are, for programs and people who search for them. */
export const formatCounts = ({ done, failed, total }: JobProgress): string =>
  `${done}/${total} blocks done${failed > 0 ? `, ${failed} failed` : ''}`;

/** Progress of a job that runs, as a bar and in numbers. */
export const renderProgress = (progress: JobProgress): string => {
  const { done, failed, total } = progress;
  return `${formatBar(total === 0 ? 0 : (done + failed) / total)} **${formatCounts(progress)}**`;
};

/** What is said beside the progress and passes with it: workers, running time, pace, time left. */
export const formatProgressDetails = (job: Job): string[] => {
  const workers = job.progress?.workers ?? null;
  const workerCount = workers === null ? undefined : `${workers} ${workers === 1 ? 'worker' : 'workers'}`;
  const elapsed = job.startedAt === null ? undefined : formatTimeBetween(job.startedAt, job.updatedAt);
  return [workerCount, elapsed, ...formatThroughput(job)].filter((part) => part !== undefined);
};
