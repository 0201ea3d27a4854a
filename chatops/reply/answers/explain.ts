import type { Lock } from '../../../compute/client/index.ts';
import { inline, ourWords } from '../../markdown/untrusted-text.ts';
import type { Plan, Work } from '../../job/plan.ts';
import type { AddedLock } from '../../job/task-locks.ts';
import { exact } from '../exact-text.ts';
import {
  commitText,
  digestText,
  parameterRow,
  row,
  whatTable,
  withDefault,
  type Row,
} from '../request-table.ts';
import { duration } from '../time.ts';
import { holderTexts, warningList } from '../waiting-job.ts';

/** What is known beyond the plan: who has the lock now, who may run it, and who may approve it (in words of ours). */
type Known = {
  lock: Lock | undefined;
  /** The locks that the task's definition adds, each with who has it now as far as that can be told. */
  added: readonly { added: AddedLock; lock: Lock | undefined }[];
  who: string;
  approvers: string | null;
};

/** What a command would do, or that its author may not give it. `words`: the author's login. */
export const explained = (
  plan: Plan,
  { allowed, words: login }: { allowed: boolean; words: string },
  known: Known,
): string => {
  const { parameters, warnings, timeoutSeconds, concurrent, policy } = plan;
  const verdict = allowed
    ? `would be started if ${inline(login, 60)} wrote it.`
    : `would be refused if ${inline(login, 60)} wrote it: it takes ${ourWords(known.who)}.`;
  const rows: (Row | undefined)[] = [
    ...workRows(plan.work),
    ...parameters.map(({ name, value, source }): Row => {
      const shown = parameterRow(name, value);
      return source === 'default' ? withDefault(shown) : shown;
    }),
    row('timeout', timeoutSeconds, duration),
    row('at once', concurrent, (most) => `at most ${most} in this repository`),
    row('lock', plan.lock, ({ key, when }) => lockText(key, when, known.lock)),
    ...known.added.map(({ added, lock }): Row => ['lock of the task', addedText(added, lock)]),
    row('approval', plan.approval, (approval) => approvalText(approval, known.approvers)),
    ['who may run it', ourWords(known.who)],
    row('policy', policy, commitText),
  ];
  return [
    `🔎 **${exact(plan.command, 300)}** ${verdict} Nothing was run.`,
    ...warningList(warnings),
    whatTable(rows),
  ].join('\n\n');
};

const workRows = (work: Work): (Row | undefined)[] =>
  work.kind === 'task'
    ? [
        ['task', exact(work.taskName)],
        ['image', exact(work.image, Infinity)],
        ['script', [exact(work.script), ...digestOf(work.digests?.script)].join(', ')],
        row('definition', work.digests?.definition, digestText),
      ]
    : [
        row('algorithm', work.algorithm, (name) => exact(name)),
        ['inputs', String(work.inputCount)],
        row(
          'inputs from',
          work.inputs,
          ({ path, commit }) => `${exact(path, Infinity)} at ${commitText(commit)}`,
        ),
        row('inputs a block', work.blockSize, String),
      ];

const digestOf = (digest: string | null | undefined): string[] =>
  digest === null || digest === undefined ? [] : [digestText(digest)];

const lockText = (key: string, when: 'queue' | 'refuse', lock: Lock | undefined): string =>
  `${inline(key)}: ${whenTaken(when)}; ${withWhom(lock) ?? 'currently free'}`;

/** Of a lock that is shared across repositories, only what concerns this one is known. */
const addedText = ({ key, slots, when }: AddedLock, lock: Lock | undefined): string => {
  const share = slots > 1 ? `up to ${slots} jobs at once, across repositories` : 'shared across repositories';
  const now = withWhom(lock) ?? 'currently not held or requested by a job of this repository';
  return `${inline(key)}, ${share}: ${whenTaken(when)}; ${now}`;
};

const whenTaken = (when: 'queue' | 'refuse'): string =>
  when === 'queue' ? 'it waits while the lock is taken' : 'it ends if the lock is taken';

/** Describes who holds a lock and how many jobs wait; undefined if no holder is known. */
const withWhom = (lock: Lock | undefined): string | undefined => {
  const who = lock ? holderTexts({ holders: lock.holders, elsewhere: lock.elsewhere?.holders }) : [];
  if (!lock || who.length === 0) return undefined;
  const waiting = lock.waiting.length + (lock.elsewhere?.waiting ?? 0);
  return `currently held by ${who.join('; ')}${waiting === 0 ? '' : `, with ${waiting} ${waiting === 1 ? 'job' : 'jobs'} waiting`}`;
};

const approvalText = (
  { count, expiresSeconds }: NonNullable<Plan['approval']>,
  approvers: string | null,
): string => {
  const who = approvers === null ? 'someone whom the policy allows to approve' : ourWords(approvers);
  const needed = count === 1 ? '' : `${count} approvals; `;
  return `${needed}requires ${who}; the requester cannot approve it; within ${duration(expiresSeconds)}`;
};

/** Why a command would be refused. @param refusal what would be said to it, Markdown of ours */
export const explainedRefusal = (command: string, refusal: string): string =>
  `🔎 **${exact(command, 300)}** would be refused. Nothing was run. The reply would be:\n\n${refusal}`;

/**
 * A command that starts no job: what it is for, and whether its author may give it. `usage`, `summary`, `who`: words of ours.
 * @param allowed undefined if that depends on the job in question
 */
export const explainedOther = (
  command: string,
  { usage, summary, who }: { usage: string; summary: string; who: string },
  allowed: boolean | undefined,
): string => {
  const may = allowed ? 'would be carried out' : 'would be refused, for you may not give it';
  return [
    `🔎 **${exact(command, 300)}** ${allowed === undefined ? `is for ${ourWords(who)}` : may}. Nothing was done.`,
    `${inline(usage)} ${ourWords(summary)}. It starts no job by itself.`,
  ].join('\n\n');
};
