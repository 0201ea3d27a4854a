import type { Account } from '../accounts.ts';
import type { Commit } from '../git/commit.ts';
import { commitAt, commitChange, refOf, type Change as FileChange } from '../git/repository.ts';
import type { CheckRun } from '../store/checks.ts';
import type { Issue } from '../store/issues.ts';
import type { Work } from './context.ts';

/** A branch of the repository; with `fork`, an account's id, one of that account's fork. */
export type Branch = { name: string; fork: number | null };
/** What a pull request is opened with. The head's branch exists. */
type Proposal = { title: string; body: string; base: string; head: Branch };

export type FileActivity = {
  /** Commits one change to a branch, which begins with it if it is new; open pull requests from the branch follow. */
  write(author: Account, branch: Branch, change: FileChange, message: string): Commit;
  /** Begins a branch at a commit. */
  branch(name: Branch, commit: string): void;
  propose(author: Account, proposal: Proposal): Issue;
  /** Keeps a check run: a new one, or one that is there. */
  check(run: Omit<CheckRun, 'id'> | CheckRun): CheckRun;
};

/** The full name of a branch. */
export const refOfBranch = ({ name, fork }: Branch): string =>
  fork === null ? refOf(name) : `refs/forks/${fork}/${name}`;

/** What is done with files, branches, pull requests and their checks. */
export const filesOn = ({ store, events, tell, changed, commit }: Work): FileActivity => {
  const follow = (author: Account, { name, fork }: Branch, after: string): number[] =>
    store.pulls.openFrom(name, fork).map(({ number, headSha: before }) => {
      store.pulls.follow(number, after);
      store.refs.set(pullRef(number), after);
      store.issues.touch(number);
      tell(events.conversation('synchronize', number, author, { before, after }));
      return number;
    });
  return {
    write: (author, branch, change, message) => {
      const { made, pulls } = commit(() => {
        const ref = refOfBranch(branch);
        const made = commitChange(store.objects, commitAt(store, ref), change, { author, message });
        store.refs.set(ref, made.sha);
        return { made, pulls: follow(author, branch, made.sha) };
      });
      pulls.forEach((issue) => changed({ issue, comment: null }));
      return made;
    },
    branch: (branch, sha) => commit(() => store.refs.set(refOfBranch(branch), sha)),
    propose: (author, { title, body, base, head }) =>
      commit(() => {
        const { number } = store.issues.insert({ author: author.id, title, body });
        const [baseSha, headSha] = [refOf(base), refOfBranch(head)].map(
          (ref) => store.refs.get(ref) as string,
        );
        store.pulls.insert({
          number,
          base,
          baseSha: baseSha as string,
          head: head.name,
          headSha: headSha as string,
          fork: head.fork,
        });
        store.refs.set(pullRef(number), headSha as string);
        tell(events.conversation('opened', number, author));
        return store.issues.get(number) as Issue;
      }),
    check: (run) => {
      const kept = commit(() => ('id' in run ? store.checks.save(run) : store.checks.insert(run)));
      store.pulls.openAt(kept.sha).forEach(({ number }) => changed({ issue: number, comment: null }));
      return kept;
    },
  };
};

const pullRef = (number: number): string => `refs/pull/${number}/head`;
