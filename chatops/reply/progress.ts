import type { Job, BlockProgress } from '../../compute/client/index.ts';
import { formatTimeBetween, getSecondsBetween } from './time.ts';

const barWidth = 20;

/** Formats a bar of text, filled to `part` (0 to 1). */
const formatBar = (part: number): string => {
  const full = Math.floor(Math.min(1, Math.max(0, part)) * barWidth);
  return `\`${'█'.repeat(full)}${'░'.repeat(barWidth - full)}\``;
};

type CountedJob = Pick<Job, 'request'> & { progress: BlockProgress | null };

/**
 * Formats the progress of a compute job in inputs, then in blocks if a block has several inputs: `4200/10000 inputs done, 20 failed
 * (420/1000 blocks)`. Digits are not grouped, so that they can be searched. Empty for a task.
 */
export const formatCounts = ({ progress, request }: CountedJob): string => {
  if (!progress) return '';
  const { done, failed, total } = progress;
  const { inputCount, blockSize } = request;
  const formatDone = (share: number, of: number, unit: string, lost: number): string =>
    `${share}/${of} ${unit} done${lost > 0 ? `, ${lost} failed` : ''}`;
  if (typeof inputCount !== 'number') return formatDone(done, total, 'blocks', failed);
  if (total === inputCount) return formatDone(done, total, 'inputs', failed);
  const blocks = `${done}/${total} blocks${failed > 0 ? `, ${failed} failed` : ''}`;
  const size = typeof blockSize === 'number' ? blockSize : Math.ceil(inputCount / total);
  const doneInputs = failed === 0 && done === total ? inputCount : Math.min(done * size, inputCount);
  const failedInputs = Math.min(failed * size, inputCount - doneInputs);
  return `${formatDone(doneInputs, inputCount, 'inputs', failedInputs)} (${blocks})`;
};

/** Renders the progress of a running job as a bar and in numbers. */
export const renderProgress = (job: CountedJob & { progress: BlockProgress }): string => {
  const { done, failed, total } = job.progress;
  return `${formatBar(total === 0 ? 0 : (done + failed) / total)} **${formatCounts(job)}**`;
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
