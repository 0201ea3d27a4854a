import { toCodeSpan, escapeUnlessPlain } from '../../markdown/untrusted-text.ts';
import type { CommandName, Grammar } from '../command.ts';
import { withPrefix } from '../command-prefix.ts';

/** Who somebody is in a repository, and what that person may do there. */
export type UserSummary = {
  login: string;
  /** The slug of the GitHub App that posts for the person, if any; null if unknown. */
  app?: string | null | undefined;
  /** The access to the repository: `maintain`. */
  words: string;
  may: readonly CommandName[];
  /** Those of the catalogue that the person may run, by name. */
  tasks: readonly string[];
};

/** Names that are listed. */
const most = 50;

/** A person's standing as a paragraph of Markdown, a line each: in a list it would be one with the list that follows. */
export const formatUserSummary = ({ login, app, words, may, tasks }: UserSummary, grammar: Grammar): string =>
  [
    `You are ${toCodeSpan(login, 60)} here; your access to this repository: ${escapeUnlessPlain(words)}.`,
    ...(app === undefined
      ? []
      : [`${appText(app)} posted this comment on your behalf. What you may use through it is listed here.`]),
    `Commands that you may use: ${listed(may.map((name) => withPrefix(`/${name}`, grammar)))}.`,
    `Tasks that you may run: ${listed(tasks)}.`,
  ].join('\n');

const appText = (app: string | null): string =>
  app === null ? 'A GitHub App' : `The GitHub App ${toCodeSpan(app, 100)}`;

const listed = (names: readonly string[]): string => {
  if (names.length === 0) return 'none';
  const shown = names.slice(0, most).map((name) => toCodeSpan(name, 80));
  const more = names.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
};
