import type { Job } from '../../compute/client/index.ts';
import { getSecondsBetween } from './time.ts';

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

/** Two digits at least: `6.5 inputs a second`; what is slower than one a second, by the minute or the hour. */
const formatRate = (aSecond: number, unit: string): string => {
  const [times, period] =
    aSecond >= 1 ? [1, 'a second'] : aSecond >= 1 / 60 ? [60, 'a minute'] : [3600, 'an hour'];
  const rate = aSecond * times;
  return `${rate >= 10 ? Math.round(rate) : Number(rate.toFixed(1))} ${unit} ${period}`;
};

const formatTimeLeft = (seconds: number): string => {
  if (seconds < 60) return 'less than 1 min left';
  if (seconds < 5_400) return `about ${Math.round(seconds / 60)} min left`;
  if (seconds < 172_800) return `about ${Math.round(seconds / 3600)} h left`;
  return `about ${Math.round(seconds / 86_400)} d left`;
};
