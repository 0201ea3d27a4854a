import type { Progress } from '../../compute/client/index.ts';

const width = 20;

/** A bar of text, as full as `part` (0 to 1). */
const bar = (part: number): string => {
  const full = Math.floor(Math.min(1, Math.max(0, part)) * width);
  return `\`${'█'.repeat(full)}${'░'.repeat(width - full)}\``;
};

/** `420/1000 blocks done, 2 failed`; digits as they are, for programs and people who search for them. */
export const counts = ({ done, failed, total }: Progress): string =>
  `${done}/${total} blocks done${failed > 0 ? `, ${failed} failed` : ''}`;

/** Progress of a job that runs, as a bar and in numbers. `elapsed` is left out when it is undefined. */
export const progressLine = (progress: Progress, elapsed: string | undefined): string => {
  const { done, failed, total, workers } = progress;
  const crew = workers === null ? undefined : `${workers} ${workers === 1 ? 'worker' : 'workers'}`;
  const parts = [`${bar(total === 0 ? 0 : (done + failed) / total)} **${counts(progress)}**`, crew, elapsed];
  return parts.filter((part) => part !== undefined).join(' · ');
};
