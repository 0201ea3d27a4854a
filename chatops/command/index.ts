export { canonicalOf } from './canonical.ts';
export { commandNames, defaultGrammar } from './command.ts';
export type { Command, CommandItem, CommandName, Grammar, Mistake } from './command.ts';
export { specs } from './commands/index.ts';
export type { Right } from './commands/spec.ts';
export { spoken } from './grammar.ts';
export type { InputsFile, Intent, StartIntent } from './intent.ts';
export { allMistakes, interpret, needsCatalogue } from './interpret.ts';
export { lookalikesIn, mayBeReordered } from './lookalikes.ts';
export { chapter, help, writing } from './manual/help.ts';
export { whoMay } from './manual/rights.ts';
export { taskTable } from './manual/task-table.ts';
export { mayHoldCommand } from './reading/may-hold.ts';
export {
  addedCommands,
  earlierKeys,
  holdsCandidate,
  readCommands,
  readCommentCommands,
} from './reading/read.ts';
export type { SecondReader } from './reading/read.ts';
export { mixedScripts } from './scripts.ts';
export { visibleText } from './visible/index.ts';
