import type { Account, Accounts } from './accounts.ts';
import type { Activity } from './services/services.ts';
import { refOfBranch } from './services/files.ts';
import type { Budget } from './api/rate-limit.ts';
import type { Fault, Faults } from './api/fault-injection.ts';
import type { Tokens } from './api/tokens.ts';
import { defaultBranch, refOf } from './git/repository.ts';
import type { Mode } from './git/tree.ts';
import type { OtherApp } from './store/comments.ts';
import type { Store } from './store/store.ts';

/** What comes to a branch: text or bytes of a file, a symbolic link to a path, or a submodule at a commit. */
type Content = string | Uint8Array | { link: string } | { submodule: string };

/** One commit of somebody, to a branch of the repository or of the author's own fork. */
type Push = { by: string; branch?: string; fork?: boolean; path: string; content: Content };

/** What tests and demonstrations arrange, that GitHub's API does not offer, or not at will. */
export type Stage = {
  /** Plans that the next calls fail. */
  fail(fault: Fault): void;
  /** Sets how many calls an hour everybody has, from now on. */
  allow(calls: number): void;
  /** Archives the repository, or takes it back. */
  archive(is: boolean): void;
  /** Lets a thread count so many comments that are not there. */
  pretend(issue: number, comments: number): void;
  /** Lets a comment, by its id, have been written at a time (ISO 8601, to the second). */
  date(comment: number, at: string): void;
  /** Returns a token with which another app acts for a person, by login: the app posts as that person. */
  userToken(login: string, via: OtherApp): string;
  /** Commits as if by `git push`, and tells the commit's name. A branch that is new begins at the default branch. */
  push(push: Push): string;
};

type Backstage = {
  store: Store;
  activity: Activity;
  accounts: Accounts;
  tokens: Tokens;
  faults: Faults;
  budget: Budget;
};

/** The stage of one sandbox. It can be reached only from its own process. */
export const stageOf = ({ store, activity, accounts, tokens, faults, budget }: Backstage): Stage => ({
  fail: (fault) => faults.plan(fault),
  allow: (calls) => budget.set(calls),
  archive: (is) => store.settings.archive(is),
  pretend: (issue, comments) => store.issues.pretend(issue, comments),
  date: (comment, at) => store.comments.date(comment, at),
  userToken: (login, via) => tokens.forUser(calledIn(accounts, login), via),
  push: ({ by, branch: name = defaultBranch, fork = false, path, content }) => {
    const author = calledIn(accounts, by);
    const branch = { name, fork: fork ? author.id : null };
    if (store.refs.get(refOfBranch(branch)) === undefined)
      activity.branch(branch, store.refs.get(refOf(defaultBranch)) as string);
    return activity.write(author, branch, { path, content: entryOf(store, content) }, `Change ${path}`).sha;
  },
});

const calledIn = (accounts: Accounts, login: string): Account => {
  const account = accounts.byLogin(login);
  if (!account) throw new Error(`Nobody is called ${login}`);
  return account;
};

const entryOf = ({ objects }: Store, content: Content): Uint8Array | { mode: Mode; sha: string } => {
  if (typeof content === 'string') return Buffer.from(content);
  if (content instanceof Uint8Array) return content;
  return 'link' in content
    ? { mode: '120000', sha: objects.put('blob', Buffer.from(content.link)) }
    : { mode: '160000', sha: content.submodule };
};
