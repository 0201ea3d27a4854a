import type { Author } from '../incoming-comment.ts';
import { isAtLeast, type PermissionLevel } from './permission-level.ts';
import type { AccessRule } from './policy.ts';

/** A person's access to a repository. Each method can be called several times, and only if the decision depends on it. */
export type AuthorAccess = {
  getLevel(): Promise<PermissionLevel>;
  /** @param team `org/slug` */
  getMembership(team: string): Promise<'member' | 'not-a-member' | 'unreadable'>;
  isPublic(): Promise<boolean>;
};

/** Whether a rule allows an author, and why. `held`: the author's level; null for bots, and if it was not requested. */
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
 * Decides whether a rule allows an author: first by the lists, which need no requests, then by permission level, then by teams.
 * Bots match only the list of bots. If a person posts through an app, the rule must allow both the person and the app: neither gains
 * permissions from the other. Throws if a request to GitHub fails, because an error must never allow anything.
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

/** `schedule` is not an account: a bot or an old account with this login does not match. */
const listsBot = ({ bots }: AccessRule, { id, login }: Author): boolean =>
  bots.includes(login.toLowerCase()) && (login.endsWith('[bot]') || id === 0);

/** Returns whether a rule lists the bot of an app, by the app's slug. */
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
    return { allowed: true, reason: levelReason, held: await access.getLevel() };
  const teamsReason = await evaluateTeams(rule, access);
  if (teamsReason === 'team-member') return { allowed: true, reason: teamsReason, held: null };
  return { allowed: false, reason: teamsReason ?? levelReason, needed: rule, held: await access.getLevel() };
};

const evaluateLevel = async (
  { permission, everyone }: AccessRule,
  access: AuthorAccess,
): Promise<'everyone' | 'level-suffices' | 'level-too-low' | 'everyone-needed' | 'not-listed'> => {
  if (permission === null) return 'not-listed';
  const held = await access.getLevel();
  if (!isAtLeast(held, permission)) return 'level-too-low';
  if (everyone) return 'everyone';
  // On a public repository, GitHub reports read for everyone, collaborator or not.
  return held === 'read' && (await access.isPublic()) ? 'everyone-needed' : 'level-suffices';
};

const evaluateTeams = async (
  { teams }: AccessRule,
  access: AuthorAccess,
): Promise<'team-member' | 'teams-unreadable' | undefined> => {
  let unreadable = false;
  for (const team of teams) {
    const answer = await access.getMembership(team);
    if (answer === 'member') return 'team-member';
    unreadable ||= answer === 'unreadable';
  }
  return unreadable ? 'teams-unreadable' : undefined;
};
