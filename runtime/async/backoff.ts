/** Delays that grow exponentially from a minimum to a maximum. */
export type Backoff = {
  minMilliseconds: number;
  maxMilliseconds: number;
  /** The growth per attempt; 2 by default. */
  factor?: number;
};

/** Returns the delay after so many earlier attempts, in milliseconds. For a resource of this process alone; see `jitteredDelay`. */
export const exponentialDelay = (
  attempts: number,
  { minMilliseconds, maxMilliseconds, factor = 2 }: Backoff,
): number => Math.min(maxMilliseconds, minMilliseconds * factor ** attempts);

/** Returns a delay that is up to a tenth longer, for retries that must not come sooner, and not together. */
export const spreadDelay = (milliseconds: number, random: () => number = Math.random): number =>
  milliseconds * (1 + random() / 10);

/**
 * Returns a random delay from 0 to the exponential delay ("full jitter"), so that clients of a shared service that fail together do
 * not return together. Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 * @param random returns numbers from 0 to below 1
 */
export const jitteredDelay = (
  attempts: number,
  backoff: Backoff,
  random: () => number = Math.random,
): number => random() * exponentialDelay(attempts, backoff);
