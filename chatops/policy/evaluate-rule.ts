import type { Author } from '../incoming-comment.ts';
import { isAtLeast, type PermissionLevel } from './permission-level.ts';
import type { AccessRule } from './policy.ts';

/** What a person is on a repository. Each may be asked more than once, and is only if a rule turns on it. */
export type AuthorAccess = {
  level(): Promise<PermissionLevel>;
  /** @param team `org/slug` */
  membership(team: string): Promise<'member' | 'not-a-member' | 'unreadable'>;
  isPublic(): Promise<boolean>;
};

/** Whether somebody is meant by a rule, and why. `held`: the level; of a bot, and where it was not asked, none is known. */
export type RuleDecision =
  | {
      allowed: true;
      reason: 'level-suffices' | 'user-listed' | 'team-member' | 'bot-listed' | 'everyone';
      held: PermissionLevel | null;
    }
  | {
      allowed: false;
      reason:
        | 'level-too-low'
        | 'not-listed'
        | 'everyone-needed'
        | 'bot-not-listed'
        | 'teams-unreadable'
        | 'app-not-listed';
      needed: AccessRule;
      held: PermissionLevel;
    };

/**
 * Decides whether a rule allows an author: by the lists first, which cost nothing, then by the permission level, then by the teams.
 * Only the list of bots allows a program. If a person posts through an app, the rule must allow both the person and the app: neither
 * gets a right from the other. Throws if GitHub cannot be asked, because a fault must never allow anything.
 */
export const evaluateRule = async (
  rule: AccessRule,
  author: Author,
  access: AuthorAccess,
): Promise<RuleDecision> => {
  if (author.kind === 'bot') {
    if (listsBot(rule, author)) return { allowed: true, reason: 'bot-listed', held: null };
    return { allowed: false, reason: 'bot-not-listed', needed: rule, held: 'none' };
  }
  const decision = await evaluatePerson(rule, author, access);
  if (!decision.allowed || author.kind === 'person' || listsApp(rule, author.app)) return decision;
  return { allowed: false, reason: 'app-not-listed', needed: rule, held: decision.held ?? 'none' };
};

/** `schedule` stands for no account: a bot, or an old account, that has this login is not meant. */
const listsBot = ({ bots }: AccessRule, { id, login }: Author): boolean =>
  bots.includes(login.toLowerCase()) && (login.endsWith('[bot]') || id === 0);

/** Whether a rule lists the bot of an app, by the app's slug. */
export const listsApp = ({ bots }: AccessRule, slug: string | null): boolean =>
  slug !== null && bots.includes(`${slug}[bot]`);

const evaluatePerson = async (
  rule: AccessRule,
  { login: name }: Author,
  access: AuthorAccess,
): Promise<RuleDecision> => {
  const login = name.toLowerCase();
  if (rule.users.includes(login)) return { allowed: true, reason: 'user-listed', held: null };
  const levelReason = await evaluateLevel(rule, access);
  if (levelReason === 'everyone' || levelReason === 'level-suffices')
    return { allowed: true, reason: levelReason, held: await access.level() };
  const teamsReason = await evaluateTeams(rule, access);
  if (teamsReason === 'team-member') return { allowed: true, reason: teamsReason, held: null };
  return { allowed: false, reason: teamsReason ?? levelReason, needed: rule, held: await access.level() };
};

const evaluateLevel = async (
  { permission, everyone }: AccessRule,
  access: AuthorAccess,
): Promise<'everyone' | 'level-suffices' | 'level-too-low' | 'everyone-needed' | 'not-listed'> => {
  if (permission === null) return 'not-listed';
  const held = await access.level();
  if (!isAtLeast(held, permission)) return 'level-too-low';
  if (everyone) return 'everyone';
  // On a public repository GitHub says read of everybody, collaborator or not.
  return held === 'read' && (await access.isPublic()) ? 'everyone-needed' : 'level-suffices';
};

const evaluateTeams = async (
  { teams }: AccessRule,
  access: AuthorAccess,
): Promise<'team-member' | 'teams-unreadable' | undefined> => {
  let unreadable = false;
  for (const team of teams) {
    const answer = await access.membership(team);
    if (answer === 'member') return 'team-member';
    unreadable ||= answer === 'unreadable';
  }
  return unreadable ? 'teams-unreadable' : undefined;
};
