import type { Account } from '../accounts.ts';
import type { Comment, OtherApp } from '../store/comments.ts';
import type { Reaction, ReactionContent } from '../store/reactions.ts';
import type { Work } from './context.ts';

export type CommentActivity = {
  /** @param app the app that posts it for its author, if any */
  comment(author: Account, issue: number, body: string, app?: OtherApp): Comment;
  edit(editor: Account, comment: Comment, body: string): Comment;
  remove(remover: Account, comment: Comment): void;
  react(author: Account, comment: Comment, content: ReactionContent): { reaction: Reaction; added: boolean };
};

/** What is done with comments. */
export const commentsOn = ({ store, events, tell, changed, commit }: Work): CommentActivity => {
  const shown = ({ issue, id }: Comment): void => changed({ issue, comment: id });
  return {
    comment: (author, issue, body, app) => {
      const comment = commit(() => {
        const inserted = store.comments.insert({ issue, author: author.id, body, app });
        store.issues.touch(issue);
        tell(events.commented(inserted, author));
        return inserted;
      });
      shown(comment);
      return comment;
    },
    edit: (editor, before, body) => {
      if (before.body === body) return before;
      const comment = commit(() => {
        const updated = store.comments.update(before.id, body);
        tell(events.edited(updated, before.body, editor));
        return updated;
      });
      shown(comment);
      return comment;
    },
    remove: (remover, comment) => {
      commit(() => {
        const event = events.deleted(comment, remover);
        store.comments.delete(comment.id);
        tell(event);
      });
      shown(comment);
    },
    react: (author, comment, content) => {
      const result = commit(() => store.reactions.add({ comment: comment.id, author: author.id, content }));
      if (result.added) shown(comment);
      return result;
    },
  };
};
