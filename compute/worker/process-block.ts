import type { Logger } from '../../runtime/log.ts';
import type { Storage } from '../storage/port.ts';
import type { Algorithm } from '../algorithms/algorithm.ts';
import type { CancellationCache } from './cancellations.ts';
import { leaseMessage, type LeasedMessage } from './message-lease.ts';
import { readBlock, type BlockWork } from './read-block.ts';
import { InterruptedError, type TrackedBlock, type CancellationTracker } from './cancellation.ts';
import { maxAttempts, formatReturned, type BlockTask } from './message.ts';
import type { BlockOutcome } from './metrics.ts';
import { retryStorage } from './storage-retry.ts';
import { toFailureMessage, writeDone, writeFailed, type BlockFailure } from './block-result.ts';

/** What a worker works with. */
export type WorkerContext = {
  storage: Storage;
  algorithms: ReadonlyMap<string, Algorithm>;
  cancellations: CancellationCache;
  interruptions: CancellationTracker;
  visibilitySeconds: number;
  log: Logger;
};

/** A block in hand. */
type InFlightBlock = {
  task: BlockTask;
  held: LeasedMessage;
  interruptible: TrackedBlock;
  place: WorkerContext;
};

/** Works on the block that a message names, until the message is out of hand. Throws only when storage cannot be reached. */
export const processBlock = async (task: BlockTask, context: WorkerContext): Promise<BlockOutcome> => {
  const { job, block } = task.block;
  const log = context.log.child({ job, block });
  const tracked = context.interruptions.track(job);
  const lease = leaseMessage(context.storage.input, task.received, context.visibilitySeconds, log, () =>
    tracked.interrupt('lost'),
  );
  const inFlight = { task, held: lease, interruptible: tracked, place: { ...context, log } };
  try {
    return await runBlock(inFlight);
  } catch (error) {
    if (!(tracked.signal.reason instanceof InterruptedError)) throw error;
    return await handleInterrupt(inFlight, tracked.signal.reason);
  } finally {
    lease.stopRenewing();
    tracked.untrack();
  }
};

/** The main path of a block. */
const runBlock = async (inFlight: InFlightBlock): Promise<BlockOutcome> => {
  const { task, place, interruptible } = inFlight;
  const { storage, cancellations, algorithms } = place;
  if (task.attempts >= maxAttempts) return failBlock(inFlight, gaveUpFailure, 'gave-up');
  if (await cancellations.isCanceled(task.block.job)) return finishBlock(inFlight, 'canceled');
  const bytes = await retryFaults(inFlight, () => storage.blobs.get(getInputPath(task)));
  if (!bytes) return finishBlock(inFlight, 'over');
  const input = readBlock(bytes, task.block, algorithms);
  if (!input.ok) return failBlock(inFlight, input.failure, 'failed');
  const computed = await runAlgorithm(input.work, interruptible.signal);
  if (!computed.ok) return retryOrFail(inFlight, computed.error);
  const isFirst = await retryFaults(inFlight, () => writeDone(storage.blobs, task.block, computed.output));
  return finishBlock(inFlight, isFirst ? 'done' : 'late');
};

const getInputPath = ({ block }: BlockTask) => block.path as `input/${string}`;

const retryFaults = <T>({ interruptible, place }: InFlightBlock, operation: () => Promise<T>): Promise<T> =>
  retryStorage(operation, interruptible.signal, place.log);

const gaveUpFailure: BlockFailure = {
  code: 'gave-up',
  message: `Given up after ${maxAttempts} attempts that ended without an answer; perhaps the block takes its worker down`,
};

/** The algorithm's answer, or what it threw; what it throws because it was interrupted is thrown on. */
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

/** The block needs nothing more. */
const finishBlock = async (inFlight: InFlightBlock, outcome: BlockOutcome): Promise<BlockOutcome> => {
  await retryFaults(inFlight, () => inFlight.held.delete());
  return outcome;
};

/** The block failed for good. In this order, so that a worker that dies in between leaves a message that says so again. */
const failBlock = async (
  inFlight: InFlightBlock,
  failure: BlockFailure,
  outcome: BlockOutcome,
): Promise<BlockOutcome> => {
  const { task, place } = inFlight;
  place.log.warn({ failure }, 'a block failed');
  await retryFaults(inFlight, () => writeFailed(place.storage.blobs, task.block, failure));
  await retryFaults(inFlight, () => place.storage.poison.send(task.received.text));
  return finishBlock(inFlight, outcome);
};

/** The algorithm threw: another attempt, a little later, or the end. */
const retryOrFail = async (inFlight: InFlightBlock, error: unknown): Promise<BlockOutcome> => {
  const { task, held, place } = inFlight;
  const message = toFailureMessage(error);
  const attempts = task.attempts + 1;
  if (attempts >= maxAttempts) return failBlock(inFlight, { code: 'compute-failed', message }, 'failed');
  place.log.warn({ attempts, message }, 'an attempt failed');
  await retryFaults(inFlight, () => held.returnToQueue(formatReturned(task, true), retryDelaySeconds));
  return 'returned';
};

/** The wait before another attempt. */
const retryDelaySeconds = 1;

const handleInterrupt = async (
  { task, held }: InFlightBlock,
  { reason: why }: InterruptedError,
): Promise<BlockOutcome> => {
  if (why === 'canceled') await held.delete();
  if (why === 'draining') await held.returnToQueue(formatReturned(task, false), 0);
  return why === 'draining' ? 'returned' : why;
};
