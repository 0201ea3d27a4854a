/** KEDA's settings of an `azure-queue` trigger, under its own names where it has them. */
export type ScaleSettings = {
  /** `minReplicaCount`. */
  min: number;
  /** `maxReplicaCount`. */
  max: number;
  /** `queueLength`: the target number of messages per worker. */
  target: number;
  /** `activationQueueLength`: the queue is active with more messages than this; otherwise the number of workers may be zero. */
  activation: number;
};

/**
 * Returns the number of workers for a queue: ceil(length / target) within min and max, as the autoscaler of Kubernetes computes it from
 * KEDA's metric (https://keda.sh/docs/latest/scalers/azure-storage-queue/). KEDA itself scales from and to zero: with a minimum of
 * zero, there are none for an inactive queue, and at least one for an active queue.
 * @param length the number of messages, including invisible ones (`queueLengthStrategy: all`)
 */
export const desiredReplicas = (length: number, { min, max, target, activation }: ScaleSettings): number => {
  if (min === 0 && length <= activation) return 0;
  return Math.min(max, Math.max(min, 1, Math.ceil(length / target)));
};

/** Decides on the number of workers at each poll. */
export type Scaler = {
  /** @param now milliseconds of a monotonic clock */
  next(current: number, length: number, now: number): number;
};

/**
 * Creates a scaler that scales up at once, and down only when the queue has required fewer workers during the whole cooldown, and then
 * to the maximum of that time: a queue that is almost empty for a moment does not drain workers.
 */
export const createScaler = (settings: ScaleSettings, cooldownMilliseconds: number): Scaler => {
  let fewerSince: number | undefined;
  let maxDesired = 0;
  return {
    next: (current, length, now) => {
      const desired = desiredReplicas(length, settings);
      if (desired >= current) {
        fewerSince = undefined;
        return desired;
      }
      maxDesired = fewerSince === undefined ? desired : Math.max(maxDesired, desired);
      fewerSince ??= now;
      if (now - fewerSince < cooldownMilliseconds) return current;
      fewerSince = undefined;
      return maxDesired;
    },
  };
};
