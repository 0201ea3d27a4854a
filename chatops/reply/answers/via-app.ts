import { toCodeBlock, toCodeSpan } from '../../markdown/untrusted-text.ts';
import type { AccessRule } from '../../policy/policy.ts';
import { formatRuleWithApp } from '../../policy/app-rule-suggestion.ts';
import { renderDenial, type Denial } from './policy.ts';
import { renderRefusal } from './refusal.ts';

/** The maximum length of the suggested rule; a rule has at most 220 names. */
const maxRuleLength = 20_000;

/** Refuses a command that the person can use, but not the app. Explains what the person and a maintainer can do. */
export const renderAppDenial = (
  command: string,
  app: string | null,
  { rule, ...where }: { rule: AccessRule; keys: readonly string[]; isFirst: boolean },
): string => {
  const begin = 'was refused. You may use this command, but';
  if (app === null)
    return renderRefusal(
      command,
      `${begin} a GitHub App posted this comment on your behalf, and GitHub does not say which one, so a policy cannot allow it. Post the command yourself in a new comment.`,
    );
  return [
    renderRefusal(
      command,
      `${begin} the GitHub App ${toCodeSpan(app, 100)} posted this comment on your behalf, and this repository’s policy does not allow that app.`,
    ),
    'Post the command yourself in a new comment. To allow it through this app as well, a maintainer can add the app’s bot to `bots` in `.github/coxswain.yml` on the default branch:',
    toCodeBlock(formatRuleWithApp(rule, app, where), maxRuleLength, 'yaml'),
    'The app can then use the command only on behalf of people who may use it themselves.',
  ].join('\n\n');
};

/** Refuses a command that the person cannot use, whichever app posts it. @param denied `isListed`: the policy allows the app */
export const renderDenialViaApp = (
  command: string,
  app: string | null,
  { isListed, ...denied }: Denial & { isListed: boolean },
): string => {
  const posted = app === null ? 'A GitHub App' : `The GitHub App ${toCodeSpan(app, 100)}`;
  const rest = isListed
    ? ': the policy allows it only on behalf of people who may use the command themselves.'
    : ', and the policy does not allow that app either.';
  return `${renderDenial(command, denied)} ${posted} posted this comment${rest}`;
};
