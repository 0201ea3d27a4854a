import { BlockMessage } from '../../contracts/block.ts';
import { inputPath } from '../../contracts/blob-paths.ts';
import { parseJson } from '../../contracts/problem.ts';
import type { ReceivedMessage } from '../storage/port.ts';

/** Attempts at a block; the delivery after them is not run. */
export const maxAttempts = 5;

/** A message that names a block. */
export type BlockTask = {
  received: ReceivedMessage;
  block: BlockMessage;
  /** Earlier deliveries that took the message's worker with them, or lost it: nobody gave the message back. */
  vanished: number;
  /** Earlier deliveries that count as attempts: those, and those in which the algorithm threw. */
  attempts: number;
};

/** A message that names none. */
export type InvalidMessage = { received: ReceivedMessage; block: undefined; problem: string };

/** Reads a message of the input queue. */
export const readMessage = (received: ReceivedMessage): BlockTask | InvalidMessage => {
  const parsed = parseJson(BlockMessage, received.text);
  if (!parsed.ok) return { received, block: undefined, problem: parsed.problem.message };
  const { value: block } = parsed;
  const path = inputPath(block.job, block.block);
  if (block.path !== path) return { received, block: undefined, problem: `path: expected ${path}` };
  const { returned = 0, failed = 0 } = block;
  const vanished = Math.max(0, received.deliveries - 1 - returned);
  return { received, block, vanished, attempts: vanished + failed };
};

/** The message's text when it is given back: the delivery of now counts as survived, and as an attempt if the algorithm threw. */
export const formatReturned = ({ block }: BlockTask, hasThrown: boolean): string => {
  const { returned = 0, failed = 0 } = block;
  return JSON.stringify({ ...block, returned: returned + 1, failed: failed + (hasThrown ? 1 : 0) });
};
