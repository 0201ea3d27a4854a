import type { CorrectedCommand } from '../../command/index.ts';
import type { PermissionLevel } from '../../policy/permission-level.ts';
import type { ThreadRef } from '../../incoming-comment.ts';
import type { EntryName } from '../../lease/comment-claim.ts';
import { toCodeSpan, escapeUnlessOwnMarkdown, escapeUnlessPlain } from '../../markdown/untrusted-text.ts';
import type { Policy, PolicyProblem } from '../../policy/policy.ts';
import { formatExact } from '../exact-text.ts';
import { renderCorrection } from './correction.ts';
import { formatExpectation, toBulletList } from './problem-list.ts';
import { renderRefusal, renderRefusalReason } from './refusal.ts';

/** A denied command: who would be allowed (our own Markdown), the author's level, and the entry that answers. */
export type Denial = { reason: string; words: string; held: PermissionLevel; entry: EntryName };

/** Explanations for reasons that the requirement and the author's access do not make clear. */
const explanationByReason: Readonly<Record<string, string>> = {
  'everyone-needed':
    ' Everyone can read a public repository, so **read** access counts only if the policy sets `everyone: true`.',
  'bot-not-listed': ' A bot can use a command only if the policy lists it in `bots`.',
};

/** What an entry needs to read teams. */
const teamsRemedyByEntry: Readonly<Record<EntryName, string>> = {
  app: 'the app needs permission to read the organization’s members',
  action: 'the Action needs the input `org-token`, a token that can read the organization’s members',
};

const explainReason = (reason: string, entry: EntryName): string =>
  reason === 'teams-unreadable'
    ? ` Teams could not be read, so nobody counts as a member: ${teamsRemedyByEntry[entry]}.`
    : (explanationByReason[reason] ?? '');

/** Refuses a command that its author may not use: what it requires, and the access that the author has. */
export const renderDenial = (command: string, { reason, words, held, entry }: Denial): string => {
  const explanation = explainReason(reason, entry);
  if (words === 'nobody' || words === 'no person') {
    const whom = words === 'nobody' ? 'anyone' : 'any person';
    return renderRefusalReason(
      command,
      `The policy does not allow ${whom} to run this command.${explanation}`,
    );
  }
  const access = held === 'none' ? 'no access' : `**${held}** access`;
  return renderRefusal(
    command,
    `requires ${escapeUnlessOwnMarkdown(words)}; you have ${access} to this repository.${explanation}`,
  );
};

/** Refuses a command on a kind of thread, or on a thread without a label, on which the policy accepts no commands. */
export const renderThreadNotAllowed = (
  command: string,
  { issues, pullRequests, labels }: Policy['threads'],
  kind: ThreadRef['kind'],
): string => {
  const thread = kind === 'issue' ? 'an issue' : 'a pull request';
  const isKindAllowed = kind === 'issue' ? issues : pullRequests;
  const kinds = [issues ? 'issues' : undefined, pullRequests ? 'pull requests' : undefined];
  const where = kinds.filter((kind) => kind !== undefined).join(' and ');
  const labeled =
    labels.length === 0 ? '' : ` with the label ${labels.map((label) => toCodeSpan(label, 60)).join(' or ')}`;
  return renderRefusal(
    command,
    where === ''
      ? 'was not run: this repository’s policy does not accept commands on issues or pull requests.'
      : `was not run: this repository’s policy accepts commands only on ${where}${labeled}, and this is ${isKindAllowed ? `${thread} without ${labels.length === 1 ? 'it' : 'any of them'}` : thread}.`,
  );
};

const invalidPolicy =
  'this repository’s policy, `.github/coxswain.yml`, is not valid and allows nothing until it is fixed.';

/** Refuses a command because the policy file is not valid. */
export const renderInvalidPolicy = (command: string, found: readonly PolicyProblem[]): string =>
  [
    renderRefusal(command, `was not run: ${invalidPolicy}`),
    '',
    ...toBulletList(found.map(formatPolicyProblem)),
  ].join('\n');

/** Warns about the same in an answer to a command that works nevertheless. */
export const renderInvalidPolicyWarning = (found: readonly PolicyProblem[]): string =>
  [`⚠️ ${invalidPolicy.replace('this', 'This')}`, '', ...toBulletList(found.map(formatPolicyProblem))].join(
    '\n',
  );

/** GitHub's documentation of CODEOWNERS. */
const codeOwnersUrl =
  'https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners';

/** Warns that the policy requires approvals but its file has no code owner. Also readable as plain text. */
export const unprotectedPolicyWarning = [
  '⚠️ Anyone who can merge a change to `.github/coxswain.yml` can remove its approvals, because `CODEOWNERS` has no owner for this file.',
  `Add the line \`/.github/coxswain.yml @OWNER/TEAM\` to \`.github/CODEOWNERS\` and require a review from code owners on the default branch, as “Protect the policy file” in Coxswain’s \`docs/policy.md\` describes (see also ${codeOwnersUrl}).`,
].join(' ');

const formatPolicyProblem = ({ line, column, path, message, expected, received }: PolicyProblem): string => {
  const where = path === '' ? '' : ` ${toCodeSpan(path)}:`;
  return [
    `Line ${line}, column ${column}:${where} ${escapeUnlessPlain(message)}.`,
    formatExpectation(expected, received),
  ]
    .filter((part) => part !== undefined)
    .join(' ');
};

/** A value that was refused; `received`: the value as shown, null or missing if it must not be shown. */
export type RefusedValue = { name: string; code: string; expected: string; received?: string | null };

/** Refuses values that the policy does not allow. @param corrected the command to copy instead */
export const renderViolations = (
  command: string,
  found: readonly RefusedValue[],
  corrected?: CorrectedCommand,
): string =>
  [
    renderRefusal(command, 'was not started: this repository’s policy does not allow these values.'),
    toViolationList(found).join('\n'),
    ...renderCorrection(corrected),
  ].join('\n\n');

const toViolationList = (found: readonly RefusedValue[]): string[] =>
  toBulletList(
    found.map(({ name, code, expected, received = null }) => {
      const what = received === null ? '' : `, received ${formatExact(received)}`;
      return `${toCodeSpan(name)}: expected ${escapeUnlessPlain(expected)}${what} (\`${code}\`).`;
    }),
  );

/** Refuses values that an approver could not see in full. */
export const renderNotApprovable = (command: string, found: readonly RefusedValue[]): string =>
  [
    renderRefusal(
      command,
      'was not started: it needs approval, and an approver could not see these values in full.',
    ),
    '',
    ...toViolationList(found),
  ].join('\n');

/** Refuses a request that exceeds a limit of the policy. @param what `inputs` or `timeout` */
export const renderOverLimit = (command: string, what: string, limit: string, requested: string): string =>
  renderRefusal(
    command,
    `was not started: this repository’s policy limits ${escapeUnlessPlain(what)} to ${toCodeSpan(limit)}, and the command requests ${toCodeSpan(requested)}.`,
  );
