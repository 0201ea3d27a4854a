/** KEDA's settings of an `azure-queue` trigger, under its own names where it has them. */
export type ScaleSettings = {
  /** `minReplicaCount`. */
  min: number;
  /** `maxReplicaCount`. */
  max: number;
  /** `queueLength`: messages that one worker is to have. */
  target: number;
  /** `activationQueueLength`: with more messages than this there is work; with fewer, workers may go to zero. */
  activation: number;
};

/**
 * How many workers a queue asks for: ceil(length / target) within min and max, as the autoscaler of Kubernetes has it from
 * KEDA's metric (https://keda.sh/docs/latest/scalers/azure-storage-queue/). KEDA itself goes from and to zero: with a
 * minimum of zero, none for a queue that is not active, at least one for a queue that is.
 * @param length messages, invisible ones included (`queueLengthStrategy: all`)
 */
export const desiredReplicas = (length: number, { min, max, target, activation }: ScaleSettings): number => {
  if (min === 0 && length <= activation) return 0;
  return Math.min(max, Math.max(min, 1, Math.ceil(length / target)));
};

/** Decides, look by look, how many workers there are to be. */
export type Scaler = {
  /** @param now milliseconds of a clock that does not go back */
  next(current: number, length: number, now: number): number;
};

/**
 * More workers at once; fewer only when the queue has asked for fewer during the whole cooldown, and then as many as it
 * asked for at most in that time: a queue that is nearly empty for a moment costs no worker.
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
