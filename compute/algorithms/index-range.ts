import type { InputRange } from './algorithm.ts';

/** Returns inputs that are their own indexes in the job. */
export const toIndexes = ({ from, count }: InputRange): number[] =>
  Array.from({ length: count }, (_, at) => from + at);

/** Returns the range of such inputs. @throws Error if they are not consecutive indexes */
export const toRange = (inputs: readonly unknown[]): InputRange => {
  const [from] = inputs;
  const adjacent = inputs.every((input, at) => typeof input === 'number' && input === (from as number) + at);
  if (!Number.isSafeInteger(from) || !adjacent) throw new Error('The inputs are not consecutive indexes');
  return { from: from as number, count: inputs.length };
};
