import type { Account } from './accounts.ts';
import type { Comment } from './store/comments.ts';
import type { Store } from './store/index.ts';
import type { Issue } from './store/issues.ts';
import type { Reaction, ReactionContent } from './store/reactions.ts';
import type { Courier } from './webhooks/courier.ts';
import type { Events } from './webhooks/events.ts';

/** Something on an issue's page is not as it was: one comment, new, changed or gone. */
export type Change = { issue: number; comment: number };

/** Everything that people and the app do here. Each is kept, together with the event it causes, before it returns. */
export type Activity = {
  open(author: Account, text: { title: string; body: string }): Issue;
  comment(author: Account, issue: number, body: string): Comment;
  edit(editor: Account, comment: Comment, body: string): Comment;
  remove(remover: Account, comment: Comment): void;
  react(author: Account, comment: Comment, content: ReactionContent): { reaction: Reaction; added: boolean };
  /** Calls the listener at each change, until the returned function is called. */
  watch(listener: (change: Change) => void): () => void;
};

/** What can be done on a store: event and row are committed as one, then the app and the pages are told. */
export const activityOn = (
  store: Store,
  events: Events,
  courier: Pick<Courier, 'put' | 'wake'>,
): Activity => {
  const listeners = new Set<(change: Change) => void>();
  const changed = (comment: Comment): void =>
    listeners.forEach((listener) => listener({ issue: comment.issue, comment: comment.id }));
  const commit = <T>(writes: () => T): T => {
    const result = store.atomically(writes);
    courier.wake();
    return result;
  };
  return {
    open: (author, text) =>
      commit(() => {
        const issue = store.issues.insert({ author: author.id, ...text });
        courier.put(events.opened(issue, author));
        return issue;
      }),
    comment: (author, issue, body) => {
      const comment = commit(() => {
        const inserted = store.comments.insert({ issue, author: author.id, body });
        store.issues.touch(issue);
        courier.put(events.commented(inserted, author));
        return inserted;
      });
      changed(comment);
      return comment;
    },
    edit: (editor, before, body) => {
      if (before.body === body) return before;
      const comment = commit(() => {
        const updated = store.comments.update(before.id, body);
        courier.put(events.edited(updated, before.body, editor));
        return updated;
      });
      changed(comment);
      return comment;
    },
    remove: (remover, comment) => {
      commit(() => {
        const event = events.deleted(comment, remover);
        store.comments.delete(comment.id);
        courier.put(event);
      });
      changed(comment);
    },
    react: (author, comment, content) => {
      const result = commit(() => store.reactions.add({ comment: comment.id, author: author.id, content }));
      if (result.added) changed(comment);
      return result;
    },
    watch: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};
