import { maskSecrets } from '../../runtime/log.ts';
import type { BlockMessage, failureCodes, BlockResult } from '../../contracts/block.ts';
import { outputPath } from '../../contracts/blob-paths.ts';
import type { Blobs } from '../storage/port.ts';

/** Why a block failed. */
export type BlockFailure = { code: (typeof failureCodes)[number]; message: string };

/** The maximum length of the message of a failed result, in characters. */
const maxMessageLength = 1_000;

/** Returns the message of an algorithm's error, truncated, without secrets. */
export const toFailureMessage = (error: unknown): string => {
  const text = maskSecrets(error instanceof Error ? error.message : String(error));
  return text.length > maxMessageLength ? `${text.slice(0, maxMessageLength - 1)}…` : text;
};

/** Writes the output of a block. Returns false if the block already had a result. */
export const writeDone = (blobs: Blobs, message: BlockMessage, output: unknown): Promise<boolean> =>
  writeResult(blobs, message, { ...identifyBlock(message), state: 'done', output: output ?? null });

/** Writes the failure of a block. Returns false if the block already had a result. */
export const writeFailed = (blobs: Blobs, message: BlockMessage, error: BlockFailure): Promise<boolean> =>
  writeResult(blobs, message, { ...identifyBlock(message), state: 'failed', error });

const identifyBlock = ({ job, block }: BlockMessage) => ({ v: 1, job, block }) as const;

const writeResult = (blobs: Blobs, { job, block }: BlockMessage, result: BlockResult): Promise<boolean> =>
  blobs.putOnce(outputPath(job, block), JSON.stringify(result));
