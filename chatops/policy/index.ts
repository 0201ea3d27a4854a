import type { CommandName } from '../command/index.ts';
import { levels, type Level } from '../github/port.ts';

/** The level on the repository that a command needs. What starts or stops work needs write. */
const needs = {
  compute: 'write',
  run: 'write',
  cancel: 'write',
  tasks: 'read',
  help: 'none',
} as const satisfies Record<CommandName, Level>;

/** Whether a person may give a command, and why: the level that it needs, and the one that the person has. */
export type Decision = {
  allowed: boolean;
  reason: 'level-suffices' | 'level-too-low';
  needed: Level;
  held: Level;
};

export const decide = (command: CommandName, held: Level): Decision => {
  const needed = needs[command];
  const allowed = levels.indexOf(held) >= levels.indexOf(needed);
  return { allowed, reason: allowed ? 'level-suffices' : 'level-too-low', needed, held };
};
