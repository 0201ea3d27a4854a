import { BlockMessage } from '../../contracts/block.ts';
import { inputPath } from '../../contracts/blob-paths.ts';
import { parseJson } from '../../contracts/problem.ts';
import type { ReceivedMessage } from '../storage/port.ts';

/** The maximum number of attempts at a block; a later delivery is not run. */
export const maxAttempts = 5;

/** A message that names a block. */
export type BlockTask = {
  received: ReceivedMessage;
  block: BlockMessage;
  /** Earlier deliveries after which no worker returned the message: their workers crashed or lost it. */
  vanished: number;
  /** Earlier deliveries that count as attempts: those that vanished, and those in which the algorithm threw. */
  attempts: number;
};

/** A message that names no block. */
export type InvalidMessage = { received: ReceivedMessage; block: undefined; problem: string };

/** Parses a message of the input queue. */
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

/** Returns the text of a message that is returned to the queue: this delivery did not vanish, and is an attempt if the algorithm threw. */
export const formatReturned = ({ block }: BlockTask, hasThrown: boolean): string => {
  const { returned = 0, failed = 0 } = block;
  return JSON.stringify({ ...block, returned: returned + 1, failed: failed + (hasThrown ? 1 : 0) });
};
