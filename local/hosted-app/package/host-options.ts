import type * as v from 'valibot';
import type { QueueOptions } from '../triggers/queue-trigger.ts';
import type { HostJson } from './host-json.ts';

/** The options of a package's `host.json` that the hosted app applies. */
export type HostOptions = { taskHub: string; maxActivities: number; queues: QueueOptions };

/** Returns the options in a `host.json`; where it has none, the defaults of the extensions. */
export const toHostOptions = ({ extensions }: v.InferOutput<typeof HostJson>): HostOptions => {
  const { durableTask, queues } = extensions;
  const { messageEncoding = 'base64', batchSize = 16, maxDequeueCount = 5 } = queues;
  return {
    taskHub: durableTask.hubName ?? 'TestHubName',
    maxActivities: durableTask.maxConcurrentActivityFunctions ?? 10,
    queues: {
      messageEncoding,
      batchSize,
      newBatchThreshold: queues.newBatchThreshold ?? Math.floor(batchSize / 2),
      maxDequeueCount,
      maxPollingInterval: toMilliseconds(queues.maxPollingInterval ?? '00:01:00'),
      visibilityTimeout: toMilliseconds(queues.visibilityTimeout ?? '00:00:00'),
    },
  };
};

/** Converts a time span of .NET, such as `00:00:10` or `1.00:00:00`. */
const toMilliseconds = (timeSpan: string): number => {
  const [time = '', days = '0'] = timeSpan.split('.').toReversed();
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
  return ((Number(days) * 24 + hours) * 3_600 + minutes * 60 + seconds) * 1_000;
};
