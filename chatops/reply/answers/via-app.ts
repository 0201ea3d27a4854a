import { fenced, inline } from '../../markdown/foreign.ts';
import type { Rule } from '../../policy/policy.ts';
import { ruleWithApp } from '../../policy/suggestion.ts';
import { notAllowed, type Denied } from './policy.ts';
import { refused } from './refused.ts';

/** A person in whose name an app wrote a comment. `app`: its slug; null if GitHub does not say it. */
type ViaApp = { login: string; app: string | null };

/** Room for the lines that allow an app: a rule has at most 220 names. */
const ruleRoom = 20_000;

const appText = (app: string | null): string =>
  app === null ? 'a GitHub App' : `the GitHub App ${inline(app, 100)}`;

/** The person may give the command, but the app may not write it: what the person can do, and what a maintainer can. */
export const appNotAllowed = (
  command: string,
  { login, app }: ViaApp,
  { rule, ...where }: { rule: Rule; keys: readonly string[]; isFirst: boolean },
): string => {
  const comment = `was refused. ${inline(login, 60)} may give this command, but ${appText(app)} wrote this comment for ${inline(login, 60)}`;
  if (app === null)
    return refused(
      command,
      `${comment}, and GitHub does not say which app that is, so no policy can allow it. Nothing was done. Write the command yourself in a new comment.`,
    );
  return [
    refused(
      command,
      `${comment}, and this repository’s policy does not let that app write it. Nothing was done.`,
    ),
    'Write the command yourself in a new comment. To allow the app for people who may give the command themselves, a maintainer can put this rule into `.github/coxswain.yml` on the default branch:',
    fenced(ruleWithApp(rule, app, where), ruleRoom, 'yaml'),
  ].join('\n\n');
};

/** The person may not give the command, whichever app writes it. @param denied `isListed`: the policy lets the app write it for others */
export const notAllowedViaApp = (
  command: string,
  { login, app }: ViaApp,
  { isListed, ...denied }: Denied & { isListed: boolean },
): string => {
  const rest = isListed
    ? 'and an app may write commands only for people who may give them'
    : 'which this repository’s policy does not let write it either';
  return `${notAllowed(command, login, denied)} The comment was written by ${appText(app)}, ${rest}.`;
};
