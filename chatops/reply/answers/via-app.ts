import { toCodeBlock, toCodeSpan } from '../../markdown/untrusted-text.ts';
import type { AccessRule } from '../../policy/policy.ts';
import { formatRuleWithApp } from '../../policy/app-rule-suggestion.ts';
import { renderDenial, type Denial } from './policy.ts';
import { renderRefusal } from './refusal.ts';

/** A person on whose behalf an app posted a comment. `app`: its slug; null if GitHub does not say it. */
type AppComment = { login: string; app: string | null };

/** The room for the lines that allow an app; a rule has at most 220 names. */
const maxRuleLength = 20_000;

/** Refuses a command that the person can use, but not the app; says what the person and a maintainer can do. */
export const renderAppDenial = (
  command: string,
  { login, app }: AppComment,
  { rule, ...where }: { rule: AccessRule; keys: readonly string[]; isFirst: boolean },
): string => {
  const person = toCodeSpan(login, 60);
  const begin = `was refused. ${person} may use this command, but`;
  if (app === null)
    return renderRefusal(
      command,
      `${begin} a GitHub App posted this comment on behalf of ${person}, and GitHub does not say which one, so a policy cannot allow it. Nothing was done. Post the command yourself in a new comment.`,
    );
  return [
    renderRefusal(
      command,
      `${begin} the GitHub App ${toCodeSpan(app, 100)} posted this comment on behalf of ${person}, and this repository’s policy does not allow that app. Nothing was done.`,
    ),
    'Post the command yourself in a new comment. To allow it through this app as well, a maintainer can add the app’s bot to `bots` in `.github/coxswain.yml` on the default branch:',
    toCodeBlock(formatRuleWithApp(rule, app, where), maxRuleLength, 'yaml'),
    'The app can then use the command only on behalf of people who may use it themselves.',
  ].join('\n\n');
};

/** Refuses a command that the person cannot use, whichever app posts it. @param denied `isListed`: the policy allows the app */
export const renderDenialViaApp = (
  command: string,
  { login, app }: AppComment,
  { isListed, ...denied }: Denial & { isListed: boolean },
): string => {
  const posted = app === null ? 'A GitHub App' : `The GitHub App ${toCodeSpan(app, 100)}`;
  const rest = isListed
    ? ': the policy allows it only on behalf of people who may use the command themselves.'
    : ', and the policy does not allow that app either.';
  return `${renderDenial(command, login, denied)} ${posted} posted this comment${rest}`;
};
