import { specs, type CommandName } from '../command/index.ts';
import { levels, type Level } from '../github/port.ts';

/** Whether a person may give a command, and why: the level that it needs, and the one that the person has. */
export type Decision = {
  allowed: boolean;
  reason: 'level-suffices' | 'level-too-low';
  needed: Level;
  held: Level;
};

/** Decides by the person's level on the repository; the one that a command needs stands with the command. */
export const decide = (command: CommandName, held: Level): Decision => {
  const needed: Level = specs[command].access;
  const allowed = levels.indexOf(held) >= levels.indexOf(needed);
  return { allowed, reason: allowed ? 'level-suffices' : 'level-too-low', needed, held };
};
