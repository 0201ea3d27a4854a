import { defaultGrammar, type Grammar } from './command.ts';

/** How a command (`/run Hello`) is to be written under a grammar: `/ops run Hello` where it is not the usual one. */
export const withPrefix = (command: string, grammar: Grammar): string =>
  isUsual(grammar) ? command : command.replace(/^\//, `/${grammar.prefix} `);

/** Markdown of ours with each command that begins a code span written so. */
export const withPrefixInMarkdown = (markdown: string, grammar: Grammar): string =>
  isUsual(grammar) ? markdown : markdown.replaceAll(/(?<=`)\/(?=[a-z])/g, `/${grammar.prefix} `);

const isUsual = ({ prefix, required }: Grammar): boolean => prefix === defaultGrammar.prefix && !required;
