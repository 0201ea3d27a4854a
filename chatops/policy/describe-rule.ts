import type { AccessRule } from './policy.ts';

/** The maximum number of names of one kind that are shown. */
const maxNames = 10;

/** Describes who a rule allows, in our own Markdown: "**maintain** access, or a member of `acme/ops`". Mentions nobody. */
export const describeRule = ({ permission, everyone, teams, users, bots }: AccessRule): string => {
  const parts = [
    everyone
      ? ['everyone who can read this repository']
      : permission === null
        ? []
        : [`**${permission}** access`],
    teams.length > 0 ? [`a member of ${joinNames(teams)}`] : [],
    users.length > 0 ? [joinNames(users)] : [],
    bots.length > 0 ? [`the bot ${joinNames(bots)}`] : [],
  ].flat();
  return parts.length === 0 ? 'nobody' : parts.join(', or ');
};

/** Describes which people a rule allows, in the same form. */
export const describePeople = (rule: AccessRule): string => {
  const words = describeRule({ ...rule, bots: [] });
  return words === 'nobody' ? 'no person' : words;
};

const joinNames = (names: readonly string[]): string => {
  const shown = names.slice(0, maxNames).map((name) => `\`${name}\``);
  const more = names.length - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(' or ');
};

/** Returns mentions of a rule's teams and users: `@acme/oncall`, `@mona`. */
export const getMentions = ({ teams, users }: AccessRule): string[] =>
  [...teams, ...users].map((name) => `@${name}`);
