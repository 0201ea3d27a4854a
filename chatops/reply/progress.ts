import type { Job, JobProgress } from '../../compute/client/index.ts';
import { formatTimeBetween, getSecondsBetween } from './time.ts';

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

/** Before this, in seconds, a pace is chance. */
const minElapsedSeconds = 10;
/** The part that has to be done before the time left can be told. */
const minFinishedShare = 0.05;

/**
 * How fast a running job gets on, and how long it still takes, in words: as far as that can be told. Of a retry nothing is,
 * for it did not do the blocks that it took over.
 */
export const formatThroughput = ({ progress, request, startedAt, updatedAt, retryOf }: Job): string[] => {
  const elapsed = startedAt === null ? undefined : getSecondsBetween(startedAt, updatedAt);
  if (!progress || elapsed === undefined || elapsed < minElapsedSeconds || retryOf !== null) return [];
  const { total } = progress;
  const finished = progress.done + progress.failed;
  if (finished === 0 || finished > total) return [];
  const inputs = request['inputCount'];
  const [count, unit] = typeof inputs === 'number' ? [inputs, 'inputs'] : [total, 'blocks'];
  const rate = formatRate(((finished / total) * count) / elapsed, unit);
  const left = (elapsed / finished) * (total - finished);
  return finished / total < minFinishedShare || left === 0 ? [rate] : [rate, formatTimeLeft(left)];
};

/** Two digits at least: `6.5 inputs per second`; what is slower than one a second, by the minute or the hour. */
const formatRate = (aSecond: number, unit: string): string => {
  const [times, period] =
    aSecond >= 1 ? [1, 'per second'] : aSecond >= 1 / 60 ? [60, 'per minute'] : [3600, 'per hour'];
  const rate = aSecond * times;
  return `${rate >= 10 ? Math.round(rate) : Number(rate.toFixed(1))} ${unit} ${period}`;
};

const formatTimeLeft = (seconds: number): string => {
  if (seconds < 60) return 'less than 1 min left';
  if (seconds < 5_400) return `about ${Math.round(seconds / 60)} min left`;
  if (seconds < 172_800) return `about ${Math.round(seconds / 3600)} h left`;
  return `about ${Math.round(seconds / 86_400)} d left`;
};
