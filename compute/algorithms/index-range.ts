import type { InputRange } from './algorithm.ts';

/** Inputs that are their own indexes in the job. */
export const toIndexes = ({ from, count }: InputRange): number[] =>
  Array.from({ length: count }, (_, at) => from + at);

/** The range that such inputs cover. @throws if they are not indexes one after the other: then no range can tell them */
export const toRange = (inputs: readonly unknown[]): InputRange => {
  const [from] = inputs;
  const adjacent = inputs.every((input, at) => typeof input === 'number' && input === (from as number) + at);
  if (!Number.isSafeInteger(from) || !adjacent)
    throw new Error('The inputs are not indexes one after the other');
  return { from: from as number, count: inputs.length };
};
