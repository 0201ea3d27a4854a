export { canonicalOf } from './canonical.ts';
export { commandNames, defaultGrammar } from './command.ts';
export type { Command, CommandItem, CommandName, Grammar, Mistake } from './command.ts';
export { specs } from './commands/index.ts';
export type { Right } from './commands/spec.ts';
export { spoken } from './command-prefix.ts';
export type { InputsFile, Intent, StartIntent } from './intent.ts';
export { allMistakes, interpret, needsCatalogue } from './interpret.ts';
export { lookalikesIn, mayBeReordered } from './confusables.ts';
export { chapter, help, writing } from './help/help.ts';
export { whoMay } from './help/access-labels.ts';
export { taskTable } from './help/task-table.ts';
export { mayHoldCommand } from './parser/may-contain-command.ts';
export {
  addedCommands,
  earlierKeys,
  holdsCandidate,
  readCommands,
  readCommentCommands,
} from './parser/parse-comment.ts';
export type { SecondReader } from './parser/parse-comment.ts';
export { mixedScripts } from './mixed-scripts.ts';
export { visibleText } from '../markdown-visibility/analyze-visibility.ts';
