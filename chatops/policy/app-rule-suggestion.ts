import { stringify } from 'yaml';
import type { AccessRule } from './policy.ts';

/**
 * Returns the part of a policy file with which a rule lets an app post for people: the current rule, and the app's bot.
 * @param keys the keys of the mapping that has the rule as its `allow`
 * @param isFirst whether there is no policy file yet
 * @returns YAML, with a line break at its end
 */
export const formatRuleWithApp = (
  { permission, everyone, teams, users, bots }: AccessRule,
  slug: string,
  { keys, isFirst }: { keys: readonly string[]; isFirst: boolean },
): string => {
  const allow = {
    ...(permission === null ? {} : { permission }),
    ...(everyone ? { everyone } : {}),
    ...(teams.length > 0 ? { teams } : {}),
    ...(users.length > 0 ? { users } : {}),
    bots: [...bots, `${slug}[bot]`],
  };
  const nested = keys.reduceRight<object>((inner, key) => ({ [key]: inner }), { allow });
  // Folded lines could split a secret, which would then not be recognized and masked.
  return stringify({ ...(isFirst ? { version: 1 } : {}), ...nested }, { lineWidth: 0 });
};
