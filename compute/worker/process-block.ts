import { retry } from '../../runtime/async/retry.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Algorithm } from '../algorithms/algorithm.ts';
import type { Storage } from '../storage/port.ts';
import { StorageError } from '../storage/storage-error.ts';
import { toFailureMessage, writeDone, writeFailed, type BlockFailure } from './block-result.ts';
import {
  InterruptedError,
  type CancellationCache,
  type CancellationTracker,
  type TrackedBlock,
} from './cancellation.ts';
import { formatReturned, maxAttempts, type BlockTask } from './message.ts';
import { MessageLease } from './message-lease.ts';
import type { BlockOutcome } from './metrics.ts';
import { readBlock, type BlockWork } from './read-block.ts';

/** What all blocks of a worker share. */
export type WorkerContext = {
  storage: Storage;
  algorithms: ReadonlyMap<string, Algorithm>;
  cancellations: CancellationCache;
  tracker: CancellationTracker;
  visibilitySeconds: number;
  log: Logger;
};

/** A block that runs. */
type InFlightBlock = { task: BlockTask; lease: MessageLease; tracked: TrackedBlock; context: WorkerContext };

/** Computes the block that a message names, and deletes or returns the message. @throws only if storage cannot be reached */
export const processBlock = async (task: BlockTask, context: WorkerContext): Promise<BlockOutcome> => {
  const { storage, tracker, visibilitySeconds } = context;
  const { job, block } = task.block;
  const log = context.log.child({ job, block });
  const tracked = tracker.track(job);
  const onLost = () => tracked.interrupt('lost');
  const lease = new MessageLease(task.received, { queue: storage.input, visibilitySeconds, log, onLost });
  const running = { task, lease, tracked, context: { ...context, log } };
  try {
    return await runBlock(running);
  } catch (error) {
    if (!(tracked.signal.reason instanceof InterruptedError)) throw error;
    return await handleInterrupt(running, tracked.signal.reason);
  } finally {
    lease.stopRenewing();
    tracked.untrack();
  }
};

/** Reads the input, computes it and writes the result. */
const runBlock = async (running: InFlightBlock): Promise<BlockOutcome> => {
  const { task, context, tracked } = running;
  const { storage, cancellations, algorithms } = context;
  if (task.attempts >= maxAttempts) return failBlock(running, gaveUpFailure, 'gave-up');
  if (await cancellations.isCanceled(task.block.job)) return finishBlock(running, 'canceled');
  const bytes = await retryStorage(running, () => storage.blobs.get(getInputPath(task)));
  if (!bytes) return finishBlock(running, 'over');
  const input = readBlock(bytes, task.block, algorithms);
  if (!input.ok) return failBlock(running, input.failure, 'failed');
  const computed = await runAlgorithm(input.work, tracked.signal);
  if (!computed.ok) return retryOrFail(running, computed.error);
  const isFirst = await retryStorage(running, () => writeDone(storage.blobs, task.block, computed.output));
  return finishBlock(running, isFirst ? 'done' : 'late');
};

const getInputPath = ({ block }: BlockTask) => block.path as `input/${string}`;

const backoff = { minMilliseconds: 1_000, maxMilliseconds: 10_000 };

/** Repeats a storage operation until it succeeds, or the block is interrupted. */
const retryStorage = <T>({ tracked, context }: InFlightBlock, operation: () => Promise<T>): Promise<T> =>
  retry(operation, {
    backoff,
    signal: tracked.signal,
    isRetryable: (error) => error instanceof StorageError,
    onRetry: ({ error }) => context.log.warn({ err: error }, 'retrying a storage operation'),
  });

const gaveUpFailure: BlockFailure = {
  code: 'gave-up',
  message: `Given up after ${maxAttempts} attempts without an answer; perhaps the block crashes its worker`,
};

/** Returns the algorithm's output or its error. @throws the signal's reason once it is aborted */
const runAlgorithm = async (
  { algorithm, inputs, parameters }: BlockWork,
  signal: AbortSignal,
): Promise<{ ok: true; output: unknown } | { ok: false; error: unknown }> => {
  try {
    return { ok: true, output: await algorithm.compute(inputs, parameters, signal) };
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, error };
  }
};

/** Deletes the message of a block that needs no further work. */
const finishBlock = async (running: InFlightBlock, outcome: BlockOutcome): Promise<BlockOutcome> => {
  await retryStorage(running, () => running.lease.delete());
  return outcome;
};

/** Fails a block for good. The order matters: a worker that dies in between leaves the message, and it is handled again. */
const failBlock = async (
  running: InFlightBlock,
  failure: BlockFailure,
  outcome: BlockOutcome,
): Promise<BlockOutcome> => {
  const { task, context } = running;
  context.log.warn({ failure }, 'block failed');
  await retryStorage(running, () => writeFailed(context.storage.blobs, task.block, failure));
  await retryStorage(running, () => context.storage.poison.send(task.received.text));
  return finishBlock(running, outcome);
};

/** Returns the message of a block whose algorithm threw to the queue for another attempt, or fails it after the last one. */
const retryOrFail = async (running: InFlightBlock, error: unknown): Promise<BlockOutcome> => {
  const { task, lease, context } = running;
  const message = toFailureMessage(error);
  const attempts = task.attempts + 1;
  if (attempts >= maxAttempts) return failBlock(running, { code: 'compute-failed', message }, 'failed');
  context.log.warn({ attempts, message }, 'attempt failed');
  await retryStorage(running, () => lease.returnToQueue(formatReturned(task, true), retryDelaySeconds));
  return 'returned';
};

/** The delay before another attempt. */
const retryDelaySeconds = 1;

const handleInterrupt = async (
  { task, lease }: InFlightBlock,
  { reason }: InterruptedError,
): Promise<BlockOutcome> => {
  if (reason === 'canceled') await lease.delete();
  if (reason === 'draining') await lease.returnToQueue(formatReturned(task, false), 0);
  return reason === 'draining' ? 'returned' : reason;
};
