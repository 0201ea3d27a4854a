import * as v from 'valibot';
import type { Logger } from '../../runtime/log.ts';
import type { ProgramUsers } from '../../runtime/program-users.ts';
import { isJsonNumber } from '../../contracts/exact-json.ts';
import { addExactly } from './exact-sum.ts';
import { toIndexes } from './index-range.ts';
import type { Algorithm } from './algorithm.ts';
import { runExternalProgram } from './run-program.ts';

/** The programs that jobs can run, by name: each a command with its arguments, which runs without a shell. */
export const Programs = v.record(
  v.string(),
  v.object({ command: v.tupleWithRest([v.pipe(v.string(), v.minLength(1))], v.string()) }),
);
export type Programs = v.InferOutput<typeof Programs>;

const scalar = v.union([v.string(), v.number(), v.boolean()]);
const Parameters = v.objectWithRest(
  {
    program: v.pipe(
      v.string('expected the name of a program'),
      v.minLength(1, 'expected the name of a program'),
      v.description('The name of the program in the workers’ configuration'),
    ),
  },
  scalar,
);
type Parameters = v.InferOutput<typeof Parameters>;

/**
 * The output of a block: `value` is the program's answer to `count` inputs. For several blocks, `value` is the sum of their answers if
 * all are numbers, otherwise null.
 */
type ExecOutput = { count: number; blocks: number; value: unknown };

/**
 * Runs one of the operator's programs for each block. It reads `{inputs, parameters}` as JSON on stdin and writes its answer as JSON on
 * stdout. Inputs are any uploaded JSON, or otherwise indexes.
 */
export const exec = (
  programs: Programs,
  users?: ProgramUsers,
  log?: Logger,
): Algorithm<Parameters, unknown, ExecOutput> => ({
  name: 'exec',
  description:
    'Runs a program from the workers’ configuration, with the inputs as JSON on its standard input',
  keepsDigits: true,
  parameters: Parameters,
  input: v.unknown(),
  inputs: (_, range) => toIndexes(range),
  compute: async (inputs, { program, ...parameters }, signal) => {
    const found = Object.hasOwn(programs, program) ? programs[program] : undefined;
    if (!found) throw new Error(`No program "${program}" is configured on this worker`);
    const input = JSON.stringify({ inputs, parameters });
    const value = await runExternalProgram(found.command, input, { users, log, signal });
    return { count: inputs.length, blocks: 1, value };
  },
  output: ({ count }) => v.object({ count: v.literal(count), blocks: v.literal(1), value: v.unknown() }),
  combine: (left, right) => ({
    count: left.count + right.count,
    blocks: left.blocks + right.blocks,
    value: addExactly(left.value, right.value),
  }),
  finish: ({ count, blocks, value }) => ({
    inputs: count,
    blocks,
    sum: isJsonNumber(value) ? value : null,
  }),
});
