import type { Received } from '../storage/port.ts';
import { Caution } from './poison-isolation.ts';
import type { Hands } from './in-flight.ts';
import { readMessage, returnedText, type BadMessage, type BlockTask } from './message.ts';
import type { Metrics } from './metrics.ts';
import { pause } from './storage-retry.ts';
import { workOn, type Workplace } from './process-block.ts';

export type LoopOptions = {
  place: Workplace;
  slots: number;
  hands: Hands;
  metrics: Metrics;
  /** Told after each look at the queue whether it could be reached. */
  onLook: (reached: boolean) => void;
  /** End when there was nothing to do for so long; Infinity: never. */
  exitWhenIdleSeconds: number;
  /** Take nothing more once it is aborted. */
  stopping: AbortSignal;
};

/** The most messages that one request may take. */
const takeLimit = 32;

/** The wait before the next look at an empty queue: doubling to 1 s. */
const idleMilliseconds = { first: 50, most: 1_000 };

/** How long a free slot may wait for others, so that one request takes messages for several. */
const gatherMilliseconds = 50;

/** Takes messages and works on them until it is stopped, or idle for long enough. May leave work in hand. */
export const runLoop = async (options: LoopOptions): Promise<void> => {
  const { slots, hands, stopping } = options;
  const caution = new Caution<BlockTask>(slots);
  let idle = idleMilliseconds.first;
  let busyAt = Date.now();
  stopping.addEventListener('abort', () => hands.wake(), { once: true });
  while (!stopping.aborted) {
    await gather(options);
    const count = Math.min(takeLimit, caution.mayTake(hands.count));
    if (count === 0) {
      await hands.freed();
      continue;
    }
    const taken = await take(options, count);
    if (taken.length > 0) await begin(options, caution, taken);
    if (taken.length > 0 || hands.count > 0) busyAt = Date.now();
    if (Date.now() - busyAt > options.exitWhenIdleSeconds * 1_000) return;
    idle = taken.length > 0 ? idleMilliseconds.first : Math.min(idle * 2, idleMilliseconds.most);
    if (taken.length === 0) await pause(idle, stopping);
  }
};

/** Waits until half of the slots are free, though not for long. */
const gather = async ({ slots, hands, stopping }: LoopOptions): Promise<void> => {
  const until = Date.now() + gatherMilliseconds;
  for (let left = gatherMilliseconds; hands.count > slots / 2 && left > 0; left = until - Date.now()) {
    if (stopping.aborted) return;
    await hands.freedWithin(left);
  }
};

const take = async ({ place, onLook, metrics }: LoopOptions, count: number): Promise<Received[]> => {
  try {
    const taken = await place.storage.input.receive(count, place.visibilitySeconds);
    onLook(true);
    return taken;
  } catch (error) {
    onLook(false);
    metrics.fault();
    place.log.warn({ err: error }, 'the queue cannot be reached');
    return [];
  }
};

const begin = async (
  options: LoopOptions,
  caution: Caution<BlockTask>,
  received: Received[],
): Promise<void> => {
  const { hands, stopping } = options;
  const messages = received.map(readMessage);
  const tasks = messages.filter((message) => message.block !== undefined);
  const bad = messages.filter((message) => message.block === undefined);
  const { run, giveBack } = caution.sort(tasks, hands.count);
  const [begun, unwanted] = stopping.aborted ? [[], tasks] : [run, giveBack];
  // Nothing starts before these are out of hand: a block that takes the worker down must not take them with it.
  await Promise.all([
    ...unwanted.map((task) => settle(options, () => handBack(options, task))),
    ...bad.map((message) => settle(options, () => setAside(options, message))),
  ]);
  for (const task of begun) hands.take(settle(options, () => workOn(task, options.place)));
};

/** Gives back a block that was not run. */
const handBack = async ({ place }: LoopOptions, task: BlockTask) => {
  await place.storage.input.renew(task.received, 0, returnedText(task, false));
  return 'returned' as const;
};

/** Puts a message that names no block where people look for it. */
const setAside = async ({ place }: LoopOptions, { received, problem }: BadMessage) => {
  place.log.warn({ problem }, 'a message is not right and goes to the poison queue');
  await place.storage.poison.send(received.text);
  await place.storage.input.delete(received);
  return 'bad' as const;
};

/** Sees a message off; one that storage does not let go of comes back by itself. */
const settle = async (
  { metrics, place }: LoopOptions,
  work: () => ReturnType<typeof workOn>,
): Promise<void> => {
  const began = performance.now();
  try {
    metrics.ended(await work(), (performance.now() - began) / 1_000);
  } catch (error) {
    metrics.fault();
    place.log.warn({ err: error }, 'a message is left to come back by itself');
  }
};
