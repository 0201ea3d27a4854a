import type { Rule } from './policy.ts';

/** Names of one kind that are shown. */
const mostNames = 10;

/** Who is meant by a rule, as Markdown of ours: "**maintain** access, or a member of `acme/ops`". Mentions nobody. */
export const describeRule = ({ permission, everyone, teams, users, bots }: Rule): string => {
  const forms = [
    everyone
      ? ['everyone who can read this repository']
      : permission === null
        ? []
        : [`**${permission}** access`],
    teams.length > 0 ? [`a member of ${anyOf(teams)}`] : [],
    users.length > 0 ? [anyOf(users)] : [],
    bots.length > 0 ? [`the bot ${anyOf(bots)}`] : [],
  ].flat();
  return forms.length === 0 ? 'nobody' : forms.join(', or ');
};

/** Which persons are meant by a rule, in the same form. */
export const describePeople = (rule: Rule): string => {
  const words = describeRule({ ...rule, bots: [] });
  return words === 'nobody' ? 'no person' : words;
};

const anyOf = (names: readonly string[]): string => {
  const shown = names.slice(0, mostNames).map((name) => `\`${name}\``);
  const more = names.length - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(' or ');
};

/** What a mention reaches of those who are meant: `@acme/oncall`, `@mona`. */
export const mentionsOf = ({ teams, users }: Rule): string[] =>
  [...teams, ...users].map((name) => `@${name}`);
