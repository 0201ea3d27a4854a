import type { Logger } from '../../runtime/log.ts';
import type { ProgramUsers } from '../../runtime/program-users.ts';
import { exec, type Programs } from './exec.ts';
import { monteCarloPi } from './monte-carlo-pi.ts';
import type { Algorithm } from './algorithm.ts';
import { statistics } from './statistics.ts';

export type { Algorithm, InputRange } from './algorithm.ts';

/**
 * Returns the algorithms of Coxswain, by name. The orchestrator does not compute blocks and needs no programs.
 * @param programs the programs that `exec` can run on this worker
 * @param users the users as which they run; undefined for the worker's own user
 * @param log receives errors of the cleanup after a program
 */
export const createBuiltInAlgorithms = (
  programs: Programs = {},
  users?: ProgramUsers,
  log?: Logger,
): ReadonlyMap<string, Algorithm> => {
  const algorithms = [monteCarloPi, statistics, exec(programs, users, log)] as unknown as Algorithm[];
  return new Map(algorithms.map((algorithm) => [algorithm.name, algorithm]));
};
