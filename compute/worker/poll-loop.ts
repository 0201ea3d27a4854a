import type { ReceivedMessage } from '../storage/port.ts';
import { PoisonIsolation } from './poison-isolation.ts';
import type { InFlight } from './in-flight.ts';
import { readMessage, formatReturned, type InvalidMessage, type BlockTask } from './message.ts';
import type { WorkerMetrics } from './metrics.ts';
import { sleep } from './storage-retry.ts';
import { processBlock, type WorkerContext } from './process-block.ts';

export type PollLoopOptions = {
  context: WorkerContext;
  slots: number;
  inFlight: InFlight;
  metrics: WorkerMetrics;
  /** Told after each look at the queue whether it could be reached. */
  onPoll: (reached: boolean) => void;
  /** End when there was nothing to do for so long; Infinity: never. */
  exitWhenIdleSeconds: number;
  /** Take nothing more once it is aborted. */
  stopping: AbortSignal;
};

/** The most messages that one request may take. */
const maxReceived = 32;

/** The wait before the next look at an empty queue: doubling to 1 s. */
const idleBackoff = { min: 50, max: 1_000 };

/** How long a free slot may wait for others, so that one request takes messages for several. */
const batchWaitMilliseconds = 50;

/** Takes messages and works on them until it is stopped, or idle for long enough. May leave work in hand. */
export const runPollLoop = async (options: PollLoopOptions): Promise<void> => {
  const { slots, inFlight: hands, stopping } = options;
  const isolation = new PoisonIsolation<BlockTask>(slots);
  let idle = idleBackoff.min;
  let busyAt = Date.now();
  stopping.addEventListener('abort', () => hands.wake(), { once: true });
  while (!stopping.aborted) {
    await waitForSlots(options);
    const count = Math.min(maxReceived, isolation.getCapacity(hands.count));
    if (count === 0) {
      await hands.waitForChange();
      continue;
    }
    const received = await receiveMessages(options, count);
    if (received.length > 0) await startBlocks(options, isolation, received);
    if (received.length > 0 || hands.count > 0) busyAt = Date.now();
    if (Date.now() - busyAt > options.exitWhenIdleSeconds * 1_000) return;
    idle = received.length > 0 ? idleBackoff.min : Math.min(idle * 2, idleBackoff.max);
    if (received.length === 0) await sleep(idle, stopping);
  }
};

/** Waits until half of the slots are free, though not for long. */
const waitForSlots = async ({ slots, inFlight: hands, stopping }: PollLoopOptions): Promise<void> => {
  const until = Date.now() + batchWaitMilliseconds;
  for (let left = batchWaitMilliseconds; hands.count > slots / 2 && left > 0; left = until - Date.now()) {
    if (stopping.aborted) return;
    await hands.waitForChangeUpTo(left);
  }
};

const receiveMessages = async (
  { context: place, onPoll: onLook, metrics }: PollLoopOptions,
  count: number,
): Promise<ReceivedMessage[]> => {
  try {
    const received = await place.storage.input.receive(count, place.visibilitySeconds);
    onLook(true);
    return received;
  } catch (error) {
    onLook(false);
    metrics.recordFault();
    place.log.warn({ err: error }, 'the queue cannot be reached');
    return [];
  }
};

const startBlocks = async (
  options: PollLoopOptions,
  isolation: PoisonIsolation<BlockTask>,
  received: ReceivedMessage[],
): Promise<void> => {
  const { inFlight: hands, stopping } = options;
  const messages = received.map(readMessage);
  const tasks = messages.filter((message) => message.block !== undefined);
  const invalid = messages.filter((message) => message.block === undefined);
  const { run, returnToQueue } = isolation.isolate(tasks, hands.count);
  const [started, returned] = stopping.aborted ? [[], tasks] : [run, returnToQueue];
  // Nothing starts before these are out of hand: a block that takes the worker down must not take them with it.
  await Promise.all([
    ...returned.map((task) => settleMessage(options, () => returnBlock(options, task))),
    ...invalid.map((message) => settleMessage(options, () => moveToPoisonQueue(options, message))),
  ]);
  for (const task of started) hands.add(settleMessage(options, () => processBlock(task, options.context)));
};

/** Gives back a block that was not run. */
const returnBlock = async ({ context: place }: PollLoopOptions, task: BlockTask) => {
  await place.storage.input.renew(task.received, 0, formatReturned(task, false));
  return 'returned' as const;
};

/** Puts a message that names no block where people look for it. */
const moveToPoisonQueue = async (
  { context: place }: PollLoopOptions,
  { received, problem }: InvalidMessage,
) => {
  place.log.warn({ problem }, 'a message is not right and goes to the poison queue');
  await place.storage.poison.send(received.text);
  await place.storage.input.delete(received);
  return 'bad' as const;
};

/** Sees a message off; one that storage does not let go of comes back by itself. */
const settleMessage = async (
  { metrics, context: place }: PollLoopOptions,
  work: () => ReturnType<typeof processBlock>,
): Promise<void> => {
  const startedAt = performance.now();
  try {
    metrics.recordOutcome(await work(), (performance.now() - startedAt) / 1_000);
  } catch (error) {
    metrics.recordFault();
    place.log.warn({ err: error }, 'a message is left to come back by itself');
  }
};
