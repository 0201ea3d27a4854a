import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/**
 * What became of a message. `done`: its block has this worker's output. `late`: the block already had a result. `failed`, `gave-up`:
 * the block has a failed result. `canceled`, `over`: its job was canceled, or its input no longer exists. `returned`: returned to the
 * queue, for another attempt or another worker. `lost`: another worker received it meanwhile. `bad`: it named no block.
 */
const blockOutcomes = [
  'done',
  'late',
  'failed',
  'gave-up',
  'canceled',
  'over',
  'returned',
  'lost',
  'bad',
] as const;
export type BlockOutcome = (typeof blockOutcomes)[number];

/** The metrics of a worker. */
export type WorkerMetrics = {
  registry: Registry;
  /** Counts a message that was settled after so many seconds. */
  recordOutcome(outcome: BlockOutcome, seconds: number): void;
  /** Counts a storage operation that failed after all retries. */
  recordFault(): void;
};

/** Creates the metrics of a worker, in their own registry. @param getInFlight returns the number of messages that are processed now */
export const createWorkerMetrics = (getInFlight: () => number): WorkerMetrics => {
  const registry = new Registry();
  const messages = new Counter({
    name: 'coxswain_worker_messages_total',
    help: 'Messages that the worker settled, by outcome.',
    labelNames: ['outcome'],
    registers: [registry],
  });
  blockOutcomes.forEach((outcome) => messages.inc({ outcome }, 0));
  const seconds = new Histogram({
    name: 'coxswain_worker_message_seconds',
    help: 'Seconds from the receipt of a message until it was settled.',
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600],
    registers: [registry],
  });
  const faults = new Counter({
    name: 'coxswain_worker_storage_faults_total',
    help: 'Storage operations that failed after all retries.',
    registers: [registry],
  });
  const gauge: Gauge = new Gauge({
    name: 'coxswain_worker_in_hand',
    help: 'Messages that are processed now.',
    registers: [],
    collect: () => gauge.set(getInFlight()),
  });
  registry.registerMetric(gauge);
  return {
    registry,
    recordOutcome: (outcome, duration) => {
      messages.inc({ outcome });
      seconds.observe(duration);
    },
    recordFault: () => faults.inc(),
  };
};
