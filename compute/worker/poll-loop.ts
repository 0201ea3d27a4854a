import { exponentialDelay, jitteredDelay } from '../../runtime/async/backoff.ts';
import { sleep } from '../../runtime/async/clock.ts';
import { resolvesWithin } from '../../runtime/async/timeout.ts';
import type { ReceivedMessage } from '../storage/port.ts';
import type { InFlight } from './in-flight.ts';
import { formatReturned, readMessage, type BlockTask, type InvalidMessage } from './message.ts';
import type { BlockOutcome, WorkerMetrics } from './metrics.ts';
import { PoisonIsolation } from './poison-isolation.ts';
import { processBlock, type WorkerContext } from './process-block.ts';

export type PollLoopOptions = {
  context: WorkerContext;
  slots: number;
  inFlight: InFlight;
  metrics: WorkerMetrics;
  /** Called after each poll, with its error if the queue did not answer. */
  onPoll: (error?: unknown) => void;
  /** Ends the loop after so long without work; Infinity: never. */
  exitWhenIdleSeconds: number;
  /** Prevents further polls. */
  stopping: AbortSignal;
};

/** The maximum number of messages per request, a limit of the service. */
const maxReceived = 32;

/** The delay before the next poll of an empty queue, or of one that does not answer. */
const idleBackoff = { minMilliseconds: 50, maxMilliseconds: 1_000 };

/** How long a free slot waits for others, so that one request receives messages for several. */
const batchWaitMilliseconds = 50;

/** Receives messages and starts their blocks until it is stopped, or idle for long enough. Blocks can still run when it resolves. */
export const runPollLoop = async (options: PollLoopOptions): Promise<void> => {
  const { slots, inFlight, stopping, exitWhenIdleSeconds } = options;
  const isolation = new PoisonIsolation<BlockTask>(slots);
  let idlePolls = 0;
  let busyAt = Date.now();
  stopping.addEventListener('abort', () => inFlight.wake(), { once: true });
  while (!stopping.aborted) {
    await waitForSlots(options);
    const count = Math.min(maxReceived, isolation.getCapacity(inFlight.count));
    if (count === 0) {
      await inFlight.waitForChange();
      continue;
    }
    const received = await receiveMessages(options, count);
    const isIdle = received === undefined || received.length === 0;
    if (!isIdle) await startBlocks(options, isolation, received);
    if (!isIdle || inFlight.count > 0) busyAt = Date.now();
    if (Date.now() - busyAt > exitWhenIdleSeconds * 1_000) return;
    idlePolls = isIdle ? idlePolls + 1 : 0;
    const getDelay = received === undefined ? jitteredDelay : exponentialDelay;
    if (isIdle) await sleep(getDelay(idlePolls, idleBackoff), { signal: stopping });
  }
};

/** Waits a short time for half of the slots to be free. */
const waitForSlots = async ({ slots, inFlight, stopping }: PollLoopOptions): Promise<void> => {
  const end = Date.now() + batchWaitMilliseconds;
  for (let left = batchWaitMilliseconds; inFlight.count > slots / 2 && left > 0; left = end - Date.now()) {
    if (stopping.aborted) return;
    await resolvesWithin(left, inFlight.waitForChange());
  }
};

/** Returns messages, or undefined if the queue cannot be reached. */
const receiveMessages = async (
  { context, onPoll, metrics }: PollLoopOptions,
  count: number,
): Promise<ReceivedMessage[] | undefined> => {
  try {
    const received = await context.storage.input.receive(count, context.visibilitySeconds);
    onPoll();
    return received;
  } catch (error) {
    onPoll(error);
    metrics.recordFault();
    return undefined;
  }
};

const startBlocks = async (
  options: PollLoopOptions,
  isolation: PoisonIsolation<BlockTask>,
  received: readonly ReceivedMessage[],
): Promise<void> => {
  const { inFlight, stopping, context } = options;
  const messages = received.map(readMessage);
  const tasks = messages.filter((message) => message.block !== undefined);
  const invalid = messages.filter((message) => message.block === undefined);
  const { run, returnToQueue } = isolation.isolate(tasks, inFlight.count);
  const [started, returned] = stopping.aborted ? [[], tasks] : [run, returnToQueue];
  // Before any block starts: a block that kills the worker must not affect these messages.
  await Promise.all([
    ...returned.map((task) => settleMessage(options, () => returnBlock(context, task))),
    ...invalid.map((message) => settleMessage(options, () => moveToPoisonQueue(context, message))),
  ]);
  for (const task of started) inFlight.add(settleMessage(options, () => processBlock(task, context)));
};

/** Returns a block to the queue that was not run. */
const returnBlock = async ({ storage }: WorkerContext, task: BlockTask): Promise<BlockOutcome> => {
  await storage.input.renew(task.received, 0, formatReturned(task, false));
  return 'returned';
};

/** Moves a message that names no block to the poison queue, for people to inspect. */
const moveToPoisonQueue = async (
  { storage, log }: WorkerContext,
  { received, problem }: InvalidMessage,
): Promise<BlockOutcome> => {
  log.warn({ problem }, 'moving an invalid message to the poison queue');
  await storage.poison.send(received.text);
  await storage.input.delete(received);
  return 'bad';
};

/** Records the outcome of a message. If storage fails, the message becomes visible again by itself. */
const settleMessage = async (
  { metrics, context }: PollLoopOptions,
  settle: () => Promise<BlockOutcome>,
): Promise<void> => {
  const startedAt = performance.now();
  try {
    metrics.recordOutcome(await settle(), (performance.now() - startedAt) / 1_000);
  } catch (error) {
    metrics.recordFault();
    context.log.warn({ err: error }, 'leaving a message to become visible again by itself');
  }
};
