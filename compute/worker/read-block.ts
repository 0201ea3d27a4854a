import type { GenericSchema } from 'valibot';
import { BlockInput, type BlockMessage } from '../../contracts/block.ts';
import { parseExactJson } from '../../contracts/exact-json.ts';
import { parseInput, parseJson } from '../../contracts/problem.ts';
import type { Algorithm } from '../algorithms/algorithm.ts';
import type { BlockFailure } from './block-result.ts';

/** A block that can be computed. */
export type BlockWork = { algorithm: Algorithm; inputs: readonly unknown[]; parameters: unknown };

/** Reads an input blob. An invalid one fails the block, because another attempt would not change it. */
export const readBlock = (
  bytes: Buffer,
  message: BlockMessage,
  algorithms: ReadonlyMap<string, Algorithm>,
): { ok: true; work: BlockWork } | { ok: false; failure: BlockFailure } => {
  const input = parseJson(BlockInput, bytes.toString('utf8'), 'invalid-json', parseExactJson);
  if (!input.ok) return rejectInput(input.problem.message);
  const { job, block, algorithm: name, inputs } = input.value;
  if (job !== message.job || block !== message.block)
    return rejectInput(`the input is that of block ${block} of ${job}`);
  const algorithm = algorithms.get(name);
  if (!algorithm) {
    return {
      ok: false,
      failure: { code: 'unknown-algorithm', message: `This worker has no algorithm "${name}"` },
    };
  }
  const parameters = parseInput(algorithm.parameters as GenericSchema, input.value.parameters);
  if (!parameters.ok) return rejectInput(parameters.problem.message);
  return { ok: true, work: { algorithm, inputs, parameters: parameters.value } };
};

const rejectInput = (message: string): { ok: false; failure: BlockFailure } => ({
  ok: false,
  failure: { code: 'input-invalid', message },
});
