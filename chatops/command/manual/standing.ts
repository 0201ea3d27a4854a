import { inline, phrase } from '../../markdown/foreign.ts';
import type { CommandName, Grammar } from '../command.ts';
import { spoken } from '../grammar.ts';

/** Who somebody is in a repository, and what that person may do there. */
export type Standing = {
  login: string;
  /** What the rights come from, on one line, as follows a colon: `maintain access, member of acme/ops`. */
  words: string;
  may: readonly CommandName[];
  /** Of the catalogue, by name. */
  tasks: readonly string[];
};

/** Names that are listed. */
const most = 50;

/** A person's standing as Markdown, for the end of the help. */
export const standingText = ({ login, words, may, tasks }: Standing, grammar: Grammar): string =>
  [
    `**You here:** ${inline(login, 60)}: ${phrase(words)}.`,
    `- You may use ${listed(may.map((name) => spoken(`/${name}`, grammar)))}.`,
    `- Tasks that you may run: ${listed(tasks)}.`,
  ].join('\n');

const listed = (names: readonly string[]): string => {
  if (names.length === 0) return 'none';
  const more = names.length > most ? ` and ${names.length - most} more` : '';
  return (
    names
      .slice(0, most)
      .map((name) => inline(name, 80))
      .join(', ') + more
  );
};
