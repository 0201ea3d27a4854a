import type { Level } from '../../github/ports.ts';
import type { EntryName } from '../../lease/comment-claim.ts';
import { inline, ourWords, phrase } from '../../markdown/untrusted-text.ts';
import type { Policy, PolicyMistake } from '../../policy/policy.ts';
import { expectation, points } from './parse-errors.ts';
import { refused } from './refusal.ts';

/** A decision against somebody: who would be allowed, in words, the level that this person has, and which entry tells it. */
export type Denied = { reason: string; words: string; held: Level; entry: EntryName };

/** Why that is not enough, where what it takes and what they have do not say it. */
const why: Readonly<Record<string, string>> = {
  'everyone-needed':
    ' Everybody may read a public repository, so **read** counts there only with `everyone: true` in the policy.',
  'bot-not-listed': ' A program may give commands only if the policy names it among `bots`.',
};

/** What an entry lacks that is told of no team. */
const forTeams: Readonly<Record<EntryName, string>> = {
  app: 'the app needs the permission to read the organization’s members',
  action: 'the Action needs the input `org-token`, a token that may read the organization’s members',
};

const whyNot = (reason: string, entry: EntryName): string =>
  reason === 'teams-unreadable'
    ? ` Teams could not be read, so nobody is known to be in one: ${forTeams[entry]}.`
    : (why[reason] ?? '');

/** Somebody may not give the command: what it takes, what they have, and that nothing was done. */
export const notAllowed = (
  command: string,
  login: string,
  { reason, words, held, entry }: Denied,
): string => {
  const has = held === 'none' ? 'no access' : `**${held}** access`;
  const takes =
    words === 'nobody' || words === 'no person'
      ? `The policy allows ${words} to run it.`
      : `It requires ${ourWords(words)}.`;
  return refused(
    command,
    `is not for ${inline(login, 60)}, who has ${has} to this repository. ${takes} Nothing was done.${whyNot(reason, entry)}`,
  );
};

/** Commands are not taken on this kind of thread, or not without a label. */
export const notHere = (command: string, { issues, pullRequests, labels }: Policy['threads']): string => {
  const kinds = [issues ? 'issues' : undefined, pullRequests ? 'pull requests' : undefined];
  const where = kinds.filter((kind) => kind !== undefined).join(' and ') || 'no thread at all';
  const labeled =
    labels.length === 0 ? '' : ` with the label ${labels.map((label) => inline(label, 60)).join(' or ')}`;
  return refused(
    command,
    `is not taken here: by this repository’s policy, commands are for ${where}${labeled}. Nothing was done.`,
  );
};

const broken =
  'this repository’s policy, `.github/coxswain.yml`, has mistakes, and until they are mended it allows nothing.';

/** The policy file has mistakes: until they are mended, it allows nothing. */
export const policyBroken = (command: string, found: readonly PolicyMistake[]): string =>
  [refused(command, `was not carried out: ${broken}`), '', ...points(found.map(mistakeText))].join('\n');

/** The same beside what is told in spite of it. */
export const policyWarning = (found: readonly PolicyMistake[]): string =>
  [`⚠️ Now ${broken}`, '', ...points(found.map(mistakeText))].join('\n');

/** GitHub's own page about the file that names owners. */
const aboutCodeOwners =
  'https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners';

/** The policy asks for approvals, and nobody owns its file. It reads well without Markdown, too. */
export const policyUnprotected = [
  '⚠️ Anyone who can merge a change to `.github/coxswain.yml` can remove its approvals, because `CODEOWNERS` has no owner for this file.',
  `Add the line \`/.github/coxswain.yml @OWNER/TEAM\` to \`.github/CODEOWNERS\` and require a review from code owners on the default branch, as “Protect the policy file” in Coxswain’s \`docs/policy.md\` describes (see also ${aboutCodeOwners}).`,
].join(' ');

const mistakeText = ({ line, column, path, message, expected, received }: PolicyMistake): string => {
  const where = path === '' ? '' : ` ${inline(path)}:`;
  return [`Line ${line}, column ${column}:${where} ${phrase(message)}.`, expectation(expected, received)]
    .filter((part) => part !== undefined)
    .join(' ');
};

/** Values that the policy does not allow. */
export const violates = (
  command: string,
  found: readonly { name: string; code: string; expected: string }[],
): string =>
  [
    refused(command, 'was not started: this repository’s policy does not allow these values.'),
    '',
    ...violationPoints(found),
  ].join('\n');

const violationPoints = (found: readonly { name: string; code: string; expected: string }[]): string[] =>
  points(
    found.map(({ name, code, expected }) => `${inline(name)}: expected ${phrase(expected)} (\`${code}\`).`),
  );

/** Values that an approver could not read whole. */
export const notApprovable = (
  command: string,
  found: readonly { name: string; code: string; expected: string }[],
): string =>
  [
    refused(
      command,
      'was not started: it needs approval, and an approver could not see these values in full.',
    ),
    '',
    ...violationPoints(found),
  ].join('\n');

/** More was asked for than the policy allows. @param what `inputs`, `timeout` */
export const overLimit = (command: string, what: string, most: string, asked: string): string =>
  refused(
    command,
    `was not started: for ${phrase(what)}, this repository’s policy allows at most ${inline(most)}, and it asks for ${inline(asked)}.`,
  );
