import * as v from 'valibot';
import { permissionLevels, type PermissionLevel } from './permission-level.ts';
import { describe, choice, booleanValue, listUpTo, strictMapping, textMatching } from './schema-helpers.ts';

const grantable = permissionLevels.filter((level) => level !== 'none') satisfies Exclude<
  PermissionLevel,
  'none'
>[];

const team = textMatching(
  /^[A-Za-z0-9][A-Za-z0-9-]{0,99}\/[A-Za-z0-9_.-]{1,100}$/,
  'a team as org/slug, without @',
);
const user = textMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, 'a login, without @');
const bot = textMatching(
  /^(?:[A-Za-z0-9][A-Za-z0-9_-]{0,99}\[bot\]|schedule)$/i,
  'the login of a bot, in quotes: "dependabot[bot]", or schedule',
);

const ruleEntries = strictMapping({
  permission: v.optional(
    v.pipe(
      choice(grantable),
      describe(
        'The minimum permission level on the repository. A custom role counts as the level it is based on. If omitted, permission alone is never enough.',
      ),
    ),
  ),
  everyone: v.optional(
    v.pipe(
      booleanValue,
      describe(
        'With `permission: read`: matches everyone. Without it, `read` on a public repository matches only people with more than read access.',
      ),
    ),
    false,
  ),
  teams: v.optional(
    v.pipe(
      listUpTo(v.pipe(team, v.toLowerCase()), 20),
      describe('Active members of these teams (`org/slug`), including members of child teams.', ['acme/ops']),
    ),
    [],
  ),
  users: v.optional(
    v.pipe(listUpTo(v.pipe(user, v.toLowerCase()), 100), describe('These people, by login.', ['mona'])),
    [],
  ),
  bots: v.optional(
    v.pipe(
      listUpTo(v.pipe(bot, v.toLowerCase()), 100),
      describe(
        'These bots, by login; `schedule` means workflows that run on a schedule. No other bot can use commands, whatever its permission. The app of a listed bot can also post commands on behalf of people whom the same rule allows.',
        ['dependabot[bot]'],
      ),
    ),
    [],
  ),
});

/** The schema of a rule: who is allowed. */
export const RuleFile = v.pipe(
  ruleEntries,
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed || !dataset.value.everyone || dataset.value.permission === 'read') return;
    const expected = 'permission: read';
    addIssue({ message: 'everyone: true requires permission: read', expected });
  }),
);
export type RuleFile = v.InferOutput<typeof RuleFile>;

/** The schema of a rule for approvers: a rule that people can meet, without bots. */
export const ApproversFile = v.pipe(
  RuleFile,
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { permission, teams, users, bots } = dataset.value;
    const expected = 'permission, teams or users';
    if (bots.length > 0) addIssue({ message: 'Bots cannot approve', expected });
    else if (permission === undefined && teams.length + users.length === 0)
      addIssue({ message: 'Nobody could ever approve', expected });
  }),
);
