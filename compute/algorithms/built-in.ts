import type { Logger } from '../../runtime/log.ts';
import type { ProgramUsers } from '../../runtime/program-users.ts';
import { exec, type Programs } from './exec.ts';
import { monteCarloPi } from './monte-carlo-pi.ts';
import type { Algorithm } from './algorithm.ts';
import { statistics } from './statistics.ts';

export type { Algorithm, InputRange } from './algorithm.ts';

/**
 * The algorithms of Coxswain, by name. The orchestrator, which computes no block, needs no programs.
 * @param programs what `exec` may run on this worker
 * @param users under whom; undefined: the worker's own user
 * @param log where failures to clear up after a program are reported
 */
export const createBuiltInAlgorithms = (
  programs: Programs = {},
  users?: ProgramUsers,
  log?: Logger,
): ReadonlyMap<string, Algorithm> => {
  const algorithms = [monteCarloPi, statistics, exec(programs, users, log)] as unknown as Algorithm[];
  return new Map(algorithms.map((algorithm) => [algorithm.name, algorithm]));
};
