import type * as v from 'valibot';

/** Which inputs of a job: `count` of them from index `from` on. */
export type InputRange = { from: number; count: number };

/**
 * An algorithm: what one compute job does with its inputs, which it makes itself or is given. `inputs`, `combine` and `finish` are pure, `compute` is a function of
 * its arguments too, so that a block that is computed twice has the same output. Inputs and outputs are JSON.
 */
export interface Algorithm<Parameters = unknown, Input = unknown, Output = unknown> {
  readonly name: string;
  /** One sentence for `/help compute`. */
  readonly description: string;
  /** Reads the request's parameters (strings, as written in a comment, or JSON scalars) and fills in defaults. */
  readonly parameters: v.GenericSchema<unknown, Parameters>;
  /** Reads one input that somebody uploaded; without it the algorithm takes none. */
  readonly input?: v.GenericSchema<unknown, Input>;
  /** Makes the inputs in a range, a pure function of the request; without it they have to be uploaded. */
  inputs?(parameters: Parameters, range: InputRange): Input[];
  /** Whether numbers in outputs keep digits that JavaScript would round: then they are as `parseExactJson` returns them. */
  readonly keepsDigits?: boolean;
  /**
   * Reads what a worker wrote as the output of the block with these inputs. Workers may be anybody's: what does not fit fails the
   * block, and cannot spoil the result.
   */
  output(range: InputRange): v.GenericSchema<unknown, Output>;
  /** Works on one block. Throws when it fails: that is an attempt. Stops early when the signal is aborted. */
  compute(inputs: readonly Input[], parameters: Parameters, signal: AbortSignal): Promise<Output>;
  /** Joins two outputs; associative, and called in block order. */
  combine(left: Output, right: Output): Output;
  /** Makes the job's result of all outputs combined. */
  finish(combined: Output, parameters: Parameters): unknown;
}
