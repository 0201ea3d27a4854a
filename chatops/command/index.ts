export { canonicalOf } from './canonical.ts';
export { commandNames } from './command.ts';
export type { Command, CommandItem, CommandName, Mistake, Place, Position } from './command.ts';
export { specs } from './commands/index.ts';
export type { Intent, StartIntent } from './intent.ts';
export { allMistakes, interpret, needsCatalogue } from './interpret.ts';
export { help, taskTable } from './manual.ts';
export { readCommands } from './read.ts';
export { visibleText } from './visible/index.ts';
