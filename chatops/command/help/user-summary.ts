import { toCodeSpan, escapeUnlessPlain } from '../../markdown/untrusted-text.ts';
import type { CommandName, Grammar } from '../command.ts';
import { withPrefix } from '../command-prefix.ts';

/** A person's access to a repository. */
export type UserSummary = {
  login: string;
  /** The slug of the GitHub App that posts for the person, if any; null if unknown. */
  app?: string | null | undefined;
  /** The permission level in the repository, such as `maintain`. */
  accessLevel: string;
  allowedCommands: readonly CommandName[];
  /** The names of the tasks that the person may run. */
  allowedTasks: readonly string[];
};

/** The maximum number of names that are listed. */
const maxListedNames = 50;

/** Returns a user summary as a paragraph of Markdown. It is not a list, because Markdown would join it with the list that follows. */
export const formatUserSummary = (
  { login, app, accessLevel, allowedCommands, allowedTasks }: UserSummary,
  grammar: Grammar,
): string =>
  [
    `You are ${toCodeSpan(login, 60)}; your access to this repository: ${escapeUnlessPlain(accessLevel)}.`,
    ...(app === undefined
      ? []
      : [
          `${formatApp(app)} posted this comment on your behalf. The lists show what you can use through it.`,
        ]),
    `Commands that you can use: ${formatNames(allowedCommands.map((name) => withPrefix(`/${name}`, grammar)))}.`,
    `Tasks that you can run: ${formatNames(allowedTasks)}.`,
  ].join('\n');

const formatApp = (app: string | null): string =>
  app === null ? 'A GitHub App' : `The GitHub App ${toCodeSpan(app, 100)}`;

const formatNames = (names: readonly string[]): string => {
  if (names.length === 0) return 'none';
  const shownNames = names.slice(0, maxListedNames).map((name) => toCodeSpan(name, 80));
  const more = names.length - shownNames.length;
  return `${shownNames.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
};
