import type { Author } from '../github/ports.ts';
import { reaches, type Level } from './permission-level.ts';
import type { Rule } from './policy.ts';

/** What a person is on a repository. Each may be asked more than once, and is only if a rule turns on it. */
export type Standing = {
  level(): Promise<Level>;
  /** @param team `org/slug` */
  membership(team: string): Promise<'member' | 'not-a-member' | 'unreadable'>;
  isPublic(): Promise<boolean>;
};

/** Whether somebody is meant by a rule, and why. `held`: the level; of a bot, and where it was not asked, none is known. */
export type Decision =
  | {
      allowed: true;
      reason: 'level-suffices' | 'user-listed' | 'team-member' | 'bot-listed' | 'everyone';
      held: Level | null;
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
      needed: Rule;
      held: Level;
    };

/**
 * Decides whether a rule allows an author: by the lists first, which cost nothing, then by the permission level, then by the teams.
 * Only the list of bots allows a program. If a person posts through an app, the rule must allow both the person and the app: neither
 * gets a right from the other. Throws if GitHub cannot be asked, because a fault must never allow anything.
 */
export const decide = async (rule: Rule, author: Author, standing: Standing): Promise<Decision> => {
  if (author.kind === 'bot') {
    if (listsBot(rule, author)) return { allowed: true, reason: 'bot-listed', held: null };
    return { allowed: false, reason: 'bot-not-listed', needed: rule, held: 'none' };
  }
  const decision = await decidePerson(rule, author, standing);
  if (!decision.allowed || author.kind === 'person' || listsApp(rule, author.app)) return decision;
  return { allowed: false, reason: 'app-not-listed', needed: rule, held: decision.held ?? 'none' };
};

/** `schedule` stands for no account: a bot, or an old account, that has this login is not meant. */
const listsBot = ({ bots }: Rule, { id, login }: Author): boolean =>
  bots.includes(login.toLowerCase()) && (login.endsWith('[bot]') || id === 0);

/** Whether a rule lists the bot of an app, by the app's slug. */
export const listsApp = ({ bots }: Rule, slug: string | null): boolean =>
  slug !== null && bots.includes(`${slug}[bot]`);

const decidePerson = async (rule: Rule, { login: name }: Author, standing: Standing): Promise<Decision> => {
  const login = name.toLowerCase();
  if (rule.users.includes(login)) return { allowed: true, reason: 'user-listed', held: null };
  const byLevel = await reasonByLevel(rule, standing);
  if (byLevel === 'everyone' || byLevel === 'level-suffices')
    return { allowed: true, reason: byLevel, held: await standing.level() };
  const byTeams = await reasonByTeams(rule, standing);
  if (byTeams === 'team-member') return { allowed: true, reason: byTeams, held: null };
  return { allowed: false, reason: byTeams ?? byLevel, needed: rule, held: await standing.level() };
};

const reasonByLevel = async (
  { permission, everyone }: Rule,
  standing: Standing,
): Promise<'everyone' | 'level-suffices' | 'level-too-low' | 'everyone-needed' | 'not-listed'> => {
  if (permission === null) return 'not-listed';
  const held = await standing.level();
  if (!reaches(held, permission)) return 'level-too-low';
  if (everyone) return 'everyone';
  // On a public repository GitHub says read of everybody, collaborator or not.
  return held === 'read' && (await standing.isPublic()) ? 'everyone-needed' : 'level-suffices';
};

const reasonByTeams = async (
  { teams }: Rule,
  standing: Standing,
): Promise<'team-member' | 'teams-unreadable' | undefined> => {
  let unreadable = false;
  for (const team of teams) {
    const answer = await standing.membership(team);
    if (answer === 'member') return 'team-member';
    unreadable ||= answer === 'unreadable';
  }
  return unreadable ? 'teams-unreadable' : undefined;
};
