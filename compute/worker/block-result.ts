import { masked } from '../../runtime/log.ts';
import type { BlockMessage, failureCodes, Verdict } from '../../contracts/block.ts';
import { outputPath } from '../../contracts/blob-paths.ts';
import type { Blobs } from '../storage/port.ts';

/** Why a block failed. */
export type Failure = { code: (typeof failureCodes)[number]; message: string };

/** The longest message of a failed verdict, in characters. */
const messageLimit = 1_000;

/** What an algorithm's error says to people: cut, without secrets. */
export const failureMessage = (error: unknown): string => {
  const text = masked(error instanceof Error ? error.message : String(error));
  return text.length > messageLimit ? `${text.slice(0, messageLimit - 1)}…` : text;
};

/** Writes that a block is done. False if it had a verdict. */
export const writeDone = (blobs: Blobs, message: BlockMessage, output: unknown): Promise<boolean> =>
  write(blobs, message, { ...name(message), state: 'done', output: output ?? null });

/** Writes that a block failed. False if it had a verdict. */
export const writeFailed = (blobs: Blobs, message: BlockMessage, error: Failure): Promise<boolean> =>
  write(blobs, message, { ...name(message), state: 'failed', error });

const name = ({ job, block }: BlockMessage) => ({ v: 1, job, block }) as const;

const write = (blobs: Blobs, { job, block }: BlockMessage, verdict: Verdict): Promise<boolean> =>
  blobs.putOnce(outputPath(job, block), JSON.stringify(verdict));
