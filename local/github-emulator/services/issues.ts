import type { GitHubAccount } from '../accounts.ts';
import { now } from '../store/database.ts';
import type { IssueRow } from '../store/issues.ts';
import type { LabelRow } from '../store/labels.ts';
import type { ServiceContext } from './context.ts';

/** The fields of an issue that a person may change. */
type IssueEdit = Partial<Pick<IssueRow, 'title' | 'body' | 'state' | 'stateReason'>>;

export type IssueService = {
  open(author: GitHubAccount, text: { title: string; body: string }): IssueRow;
  /** Changes title, text or state. */
  change(by: GitHubAccount, issue: IssueRow, edit: IssueEdit): IssueRow;
  lock(by: GitHubAccount, issue: IssueRow, reason: IssueRow['lockReason']): IssueRow;
  unlock(by: GitHubAccount, issue: IssueRow): IssueRow;
  /** Adds labels to an issue, by name. */
  label(by: GitHubAccount, issue: IssueRow, names: readonly string[]): void;
  unlabel(by: GitHubAccount, issue: IssueRow, label: LabelRow): void;
};

/** Returns the operations on issues, and on the conversations of pull requests. */
export const createIssueService = (work: ServiceContext): IssueService => ({
  ...createTextService(work),
  ...createLabelService(work),
});

/** Returns a function that stores an issue together with its event. */
const createSaver =
  ({ store, events, enqueueEvent, notifyPages, commit }: ServiceContext) =>
  (by: GitHubAccount, issue: IssueRow, action: string, more?: object): IssueRow => {
    const result = commit(() => {
      const saved = store.issues.save(issue);
      enqueueEvent(events.buildConversation(action, saved.number, by, more));
      return saved;
    });
    notifyPages({ issue: issue.number, comment: null });
    return result;
  };

const createTextService = (work: ServiceContext): Omit<IssueService, 'label' | 'unlabel'> => {
  const { store, events, enqueueEvent, commit } = work;
  const save = createSaver(work);
  const rewrite = (
    by: GitHubAccount,
    issue: IssueRow,
    { title, body }: Pick<IssueRow, 'title' | 'body'>,
  ): IssueRow => {
    if (title === issue.title && body === issue.body) return issue;
    const changes = {
      ...(title === issue.title ? {} : { title: { from: issue.title } }),
      ...(body === issue.body ? {} : { body: { from: issue.body } }),
    };
    return save(by, { ...issue, title, body }, 'edited', { changes });
  };
  const move = (
    by: GitHubAccount,
    issue: IssueRow,
    state: IssueRow['state'],
    reason: IssueRow['stateReason'],
  ): IssueRow => {
    if (state === issue.state) return issue;
    const closed = { stateReason: reason ?? 'completed', closedAt: now(), closedBy: by.id };
    const open = { stateReason: 'reopened', closedAt: null, closedBy: null } as const;
    return state === 'closed'
      ? save(by, { ...issue, state, ...closed }, 'closed')
      : save(by, { ...issue, state, ...open }, 'reopened');
  };
  return {
    open: (author, text) =>
      commit(() => {
        const issue = store.issues.insert({ author: author.id, ...text });
        enqueueEvent(events.buildConversation('opened', issue.number, author));
        return issue;
      }),
    change: (
      by,
      issue,
      { title = issue.title, body = issue.body, state = issue.state, stateReason = null },
    ) => move(by, rewrite(by, issue, { title, body }), state, stateReason),
    lock: (by, issue, lockReason) => save(by, { ...issue, locked: 1, lockReason }, 'locked'),
    unlock: (by, issue) => save(by, { ...issue, locked: 0, lockReason: null }, 'unlocked'),
  };
};

const createLabelService = ({
  store,
  events,
  enqueueEvent,
  notifyPages,
  commit,
}: ServiceContext): Pick<IssueService, 'label' | 'unlabel'> => {
  const changeLabels = (
    by: GitHubAccount,
    { number }: IssueRow,
    action: string,
    put: () => readonly LabelRow[],
  ): void => {
    commit(() => put().forEach((label) => enqueueEvent(events.buildLabels(action, number, by, label))));
    notifyPages({ issue: number, comment: null });
  };
  return {
    label: (by, issue, names) =>
      changeLabels(by, issue, 'labeled', () =>
        names
          .map((name) => store.labels.add(issue.number, name))
          .filter(({ added }) => added)
          .map(({ label }) => label),
      ),
    unlabel: (by, issue, label) =>
      changeLabels(by, issue, 'unlabeled', () => {
        store.labels.remove(issue.number, label);
        return [label];
      }),
  };
};
