import type { Logger } from '../../runtime/log.ts';
import type { Storage } from '../storage/port.ts';
import type { Algorithm } from '../algorithms/algorithm.ts';
import type { Cancellations } from './cancellations.ts';
import { hold, type Held } from './message-lease.ts';
import { readInput, type Work } from './read-block.ts';
import { Interruption, type Interruptible, type Interruptions } from './cancellation.ts';
import { maxAttempts, returnedText, type BlockTask } from './message.ts';
import type { Outcome } from './metrics.ts';
import { patiently } from './storage-retry.ts';
import { failureMessage, writeDone, writeFailed, type Failure } from './block-result.ts';

/** What a worker works with. */
export type Workplace = {
  storage: Storage;
  algorithms: ReadonlyMap<string, Algorithm>;
  cancellations: Cancellations;
  interruptions: Interruptions;
  visibilitySeconds: number;
  log: Logger;
};

/** A block in hand. */
type InHand = { task: BlockTask; held: Held; interruptible: Interruptible; place: Workplace };

/** Works on the block that a message names, until the message is out of hand. Throws only when storage cannot be reached. */
export const workOn = async (task: BlockTask, place: Workplace): Promise<Outcome> => {
  const { job, block } = task.block;
  const log = place.log.child({ job, block });
  const interruptible = place.interruptions.enter(job);
  const held = hold(place.storage.input, task.received, place.visibilitySeconds, log, () =>
    interruptible.interrupt('lost'),
  );
  const inHand = { task, held, interruptible, place: { ...place, log } };
  try {
    return await verdictOn(inHand);
  } catch (error) {
    if (!(interruptible.signal.reason instanceof Interruption)) throw error;
    return await interrupted(inHand, interruptible.signal.reason);
  } finally {
    held.letGo();
    interruptible.leave();
  }
};

/** The main path of a block. */
const verdictOn = async (inHand: InHand): Promise<Outcome> => {
  const { task, place, interruptible } = inHand;
  const { storage, cancellations, algorithms } = place;
  if (task.attempts >= maxAttempts) return failed(inHand, gaveUp, 'gave-up');
  if (await cancellations.isCanceled(task.block.job)) return over(inHand, 'canceled');
  const bytes = await insistently(inHand, () => storage.blobs.get(inputOf(task)));
  if (!bytes) return over(inHand, 'over');
  const input = readInput(bytes, task.block, algorithms);
  if (!input.ok) return failed(inHand, input.failure, 'failed');
  const computed = await compute(input.work, interruptible.signal);
  if (!computed.ok) return threw(inHand, computed.error);
  const first = await insistently(inHand, () => writeDone(storage.blobs, task.block, computed.output));
  return over(inHand, first ? 'done' : 'late');
};

const inputOf = ({ block }: BlockTask) => block.path as `input/${string}`;

const insistently = <T>({ interruptible, place }: InHand, operation: () => Promise<T>): Promise<T> =>
  patiently(operation, interruptible.signal, place.log);

const gaveUp: Failure = {
  code: 'gave-up',
  message: `Given up after ${maxAttempts} attempts that ended without an answer; perhaps the block takes its worker down`,
};

/** The algorithm's answer, or what it threw; what it throws because it was interrupted is thrown on. */
const compute = async (
  { algorithm, inputs, parameters }: Work,
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
const over = async (inHand: InHand, outcome: Outcome): Promise<Outcome> => {
  await insistently(inHand, () => inHand.held.delete());
  return outcome;
};

/** The block failed for good. In this order, so that a worker that dies in between leaves a message that says so again. */
const failed = async (inHand: InHand, failure: Failure, outcome: Outcome): Promise<Outcome> => {
  const { task, place } = inHand;
  place.log.warn({ failure }, 'a block failed');
  await insistently(inHand, () => writeFailed(place.storage.blobs, task.block, failure));
  await insistently(inHand, () => place.storage.poison.send(task.received.text));
  return over(inHand, outcome);
};

/** The algorithm threw: another attempt, a little later, or the end. */
const threw = async (inHand: InHand, error: unknown): Promise<Outcome> => {
  const { task, held, place } = inHand;
  const message = failureMessage(error);
  const attempts = task.attempts + 1;
  if (attempts >= maxAttempts) return failed(inHand, { code: 'compute-failed', message }, 'failed');
  place.log.warn({ attempts, message }, 'an attempt failed');
  await insistently(inHand, () => held.giveBack(returnedText(task, true), retrySeconds));
  return 'returned';
};

/** The wait before another attempt. */
const retrySeconds = 1;

const interrupted = async ({ task, held }: InHand, { why }: Interruption): Promise<Outcome> => {
  if (why === 'canceled') await held.delete();
  if (why === 'draining') await held.giveBack(returnedText(task, false), 0);
  return why === 'draining' ? 'returned' : why;
};
