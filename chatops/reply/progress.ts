import type { Job, BlockProgress } from '../../compute/client/index.ts';
import { formatTimeBetween, getSecondsBetween } from './time.ts';

const barWidth = 20;

/** Formats a bar of text, filled to `part` (0 to 1). */
const formatBar = (part: number): string => {
  const full = Math.floor(Math.min(1, Math.max(0, part)) * barWidth);
  return `\`${'█'.repeat(full)}${'░'.repeat(barWidth - full)}\``;
};

/** Formats `420/1000 blocks done, 2 failed`. Digits are not grouped, so that they can be searched. */
export const formatCounts = ({ done, failed, total }: BlockProgress): string =>
  `${done}/${total} blocks done${failed > 0 ? `, ${failed} failed` : ''}`;

/** Renders the progress of a running job as a bar and in numbers. */
export const renderProgress = (progress: BlockProgress): string => {
  const { done, failed, total } = progress;
  return `${formatBar(total === 0 ? 0 : (done + failed) / total)} **${formatCounts(progress)}**`;
};

/** Returns details beside the progress: workers, running time, throughput, time left. */
export const formatProgressDetails = (job: Job): string[] => {
  const workers = job.progress?.workers ?? null;
  const workerCount = workers === null ? undefined : `${workers} ${workers === 1 ? 'worker' : 'workers'}`;
  const elapsed = job.startedAt === null ? undefined : formatTimeBetween(job.startedAt, job.updatedAt);
  return [workerCount, elapsed, ...formatThroughput(job)].filter((part) => part !== undefined);
};

/** The minimum running time for a meaningful throughput, in seconds. */
const minElapsedSeconds = 10;
/** The minimum finished share for an estimate of the time left. */
const minFinishedShare = 0.05;

/**
 * Formats the throughput of a running job and the estimated time left, as far as they are known. A retry has none, because it did not
 * compute the blocks that it reuses.
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

/** Formats a rate with at least two digits: `6.5 inputs per second`; lower rates per minute or per hour. */
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
