import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/**
 * How a message left a worker's hands. `done`: its block has this worker's output. `late`: it had a verdict before. `failed`,
 * `gave-up`: it has a failed verdict. `canceled`, `over`: its job was canceled, its input is gone. `returned`: given back, for
 * another attempt or another worker. `lost`: somebody else took it meanwhile. `bad`: it named no block.
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

/** What a worker counts. */
export type WorkerMetrics = {
  registry: Registry;
  /** Counts a message that left the worker's hands after so many seconds. */
  recordOutcome(outcome: BlockOutcome, seconds: number): void;
  recordFault(): void;
};

/** A worker's metrics, in a registry of their own. @param getInFlight how many messages are in hand now */
export const createWorkerMetrics = (getInFlight: () => number): WorkerMetrics => {
  const registry = new Registry();
  const messages = new Counter({
    name: 'coxswain_worker_messages_total',
    help: 'Messages that left the worker’s hands, by how.',
    labelNames: ['outcome'],
    registers: [registry],
  });
  blockOutcomes.forEach((outcome) => messages.inc({ outcome }, 0));
  const seconds = new Histogram({
    name: 'coxswain_worker_message_seconds',
    help: 'How long a message was in hand.',
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
    help: 'Messages in hand.',
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
