import { defaultGrammar, type Grammar } from './command.ts';

/** Returns a command (`/run Hello`) as a repository writes it: `/ops run Hello` unless its grammar is the default. */
export const withPrefix = (command: string, grammar: Grammar): string =>
  isDefault(grammar) ? command : command.replace(/^\//, `/${grammar.prefix} `);

/** Adds the prefix to each command that starts a code span in our own Markdown. */
export const withPrefixInMarkdown = (markdown: string, grammar: Grammar): string =>
  isDefault(grammar) ? markdown : markdown.replaceAll(/(?<=`)\/(?=[a-z])/g, `/${grammar.prefix} `);

const isDefault = ({ prefix, required }: Grammar): boolean => prefix === defaultGrammar.prefix && !required;
