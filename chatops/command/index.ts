export { toCanonicalText } from './canonical.ts';
export { correctCommand, correctParameters, type CorrectedCommand } from './correct-command.ts';
export { commandNames, defaultGrammar } from './command.ts';
export type { Command, CommandItem, CommandName, Grammar, ParseError } from './command.ts';
export { commandSpecs } from './commands/index.ts';
export type { CommandAccess } from './commands/spec.ts';
export { withPrefix } from './command-prefix.ts';
export type { InputsFile, Intent, StartIntent } from './intent.ts';
export { collectErrors, interpret, needsCatalogue } from './interpret.ts';
export { findConfusables, mayBeReordered } from './confusables.ts';
export { nameCharacter } from './forbidden-characters.ts';
export { accessLabels, formatCommandHelp, formatHelp, formatSyntaxHelp } from './help/help.ts';
export { formatRunnerSize, formatTaskList } from './help/task-list.ts';
export { describeAlgorithmParameter, formatAlgorithmList } from './help/algorithm-list.ts';
export { findClosest } from './did-you-mean.ts';
export { mayContainCommand } from './parser/may-contain-command.ts';
export {
  findAddedCommands,
  collectPossibleKeys,
  hasCandidate,
  parseCommands,
  parseComment,
} from './parser/parse-comment.ts';
export type { SecondReader } from './parser/parse-comment.ts';
export type { LockEndIntent } from './values/lock-end.ts';
export { findMixedScripts } from './mixed-scripts.ts';
