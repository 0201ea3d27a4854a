import { createHash } from 'node:crypto';
import { Verdict } from '../../formats/block.ts';
import type { JobId } from '../../formats/ids.ts';
import { outputPath } from '../../formats/paths.ts';
import { readJson } from '../../formats/problem.ts';
import type { ManifestLine } from '../../formats/result.ts';
import type { Blobs } from '../../storage/port.ts';
import type { Limit } from './limiter.ts';

/** A block's output blob, read: its verdict and its line of the manifest. */
export type Output = { verdict: Verdict; line: ManifestLine };

/** Reads the outputs of blocks, in their order; undefined where there is none. */
export const readOutputs = (
  blobs: Blobs,
  limit: Limit,
  job: JobId,
  blocks: readonly number[],
): Promise<(Output | undefined)[]> =>
  Promise.all(
    blocks.map(async (block) => {
      const path = outputPath(job, block);
      const body = await limit(() => blobs.get(path));
      return body && outputOf(job, block, path, body);
    }),
  );

const outputOf = (job: JobId, block: number, path: string, body: Buffer): Output => {
  const verdict = verdictOf(job, block, body.toString());
  const sha256 = createHash('sha256').update(body).digest('hex');
  return { verdict, line: { block, state: verdict.state, path, bytes: body.length, sha256 } };
};

/** What a worker wrote is a verdict only if it has the form of one and is on this block; else the block has failed. */
const verdictOf = (job: JobId, block: number, text: string): Verdict => {
  const read = readJson(Verdict, text);
  if (read.ok && read.value.job === job && read.value.block === block) return read.value;
  const message = read.ok ? 'the output is that of another block' : read.problem.message;
  return { v: 1, job, block, state: 'failed', error: { code: 'output-invalid', message } };
};
