import type { Account } from '../accounts.ts';
import { now } from '../store/database.ts';
import type { Issue } from '../store/issues.ts';
import type { Label } from '../store/labels.ts';
import type { Work } from './context.ts';

/** What a person may change of an issue. */
type IssueEdit = Partial<Pick<Issue, 'title' | 'body' | 'state' | 'stateReason'>>;

export type IssueActivity = {
  open(author: Account, text: { title: string; body: string }): Issue;
  /** Changes title, text or state. */
  change(by: Account, issue: Issue, edit: IssueEdit): Issue;
  lock(by: Account, issue: Issue, reason: Issue['lockReason']): Issue;
  unlock(by: Account, issue: Issue): Issue;
  /** Puts labels on an issue, by name. */
  label(by: Account, issue: Issue, names: readonly string[]): void;
  unlabel(by: Account, issue: Issue, label: Label): void;
};

/** What is done with issues, and with the conversations of pull requests. */
export const issuesOn = (work: Work): IssueActivity => ({ ...textsOn(work), ...labelsOn(work) });

/** Keeps an issue with the event that tells of it. */
const keeping =
  ({ store, events, tell, changed, commit }: Work) =>
  (by: Account, issue: Issue, action: string, more?: object): Issue => {
    const kept = commit(() => {
      const saved = store.issues.save(issue);
      tell(events.conversation(action, saved.number, by, more));
      return saved;
    });
    changed({ issue: issue.number, comment: null });
    return kept;
  };

const textsOn = (work: Work): Omit<IssueActivity, 'label' | 'unlabel'> => {
  const { store, events, tell, commit } = work;
  const keep = keeping(work);
  const rewrite = (by: Account, issue: Issue, { title, body }: Pick<Issue, 'title' | 'body'>): Issue => {
    if (title === issue.title && body === issue.body) return issue;
    const changes = {
      ...(title === issue.title ? {} : { title: { from: issue.title } }),
      ...(body === issue.body ? {} : { body: { from: issue.body } }),
    };
    return keep(by, { ...issue, title, body }, 'edited', { changes });
  };
  const move = (by: Account, issue: Issue, state: Issue['state'], reason: Issue['stateReason']): Issue => {
    if (state === issue.state) return issue;
    const closed = { stateReason: reason ?? 'completed', closedAt: now(), closedBy: by.id };
    const open = { stateReason: 'reopened', closedAt: null, closedBy: null } as const;
    return state === 'closed'
      ? keep(by, { ...issue, state, ...closed }, 'closed')
      : keep(by, { ...issue, state, ...open }, 'reopened');
  };
  return {
    open: (author, text) =>
      commit(() => {
        const issue = store.issues.insert({ author: author.id, ...text });
        tell(events.conversation('opened', issue.number, author));
        return issue;
      }),
    change: (
      by,
      issue,
      { title = issue.title, body = issue.body, state = issue.state, stateReason = null },
    ) => move(by, rewrite(by, issue, { title, body }), state, stateReason),
    lock: (by, issue, lockReason) => keep(by, { ...issue, locked: 1, lockReason }, 'locked'),
    unlock: (by, issue) => keep(by, { ...issue, locked: 0, lockReason: null }, 'unlocked'),
  };
};

const labelsOn = ({
  store,
  events,
  tell,
  changed,
  commit,
}: Work): Pick<IssueActivity, 'label' | 'unlabel'> => {
  const told = (by: Account, { number }: Issue, action: string, put: () => readonly Label[]): void => {
    commit(() => put().forEach((label) => tell(events.labels(action, number, by, label))));
    changed({ issue: number, comment: null });
  };
  return {
    label: (by, issue, names) =>
      told(by, issue, 'labeled', () =>
        names
          .map((name) => store.labels.add(issue.number, name))
          .filter(({ added }) => added)
          .map(({ label }) => label),
      ),
    unlabel: (by, issue, label) =>
      told(by, issue, 'unlabeled', () => {
        store.labels.remove(issue.number, label);
        return [label];
      }),
  };
};
