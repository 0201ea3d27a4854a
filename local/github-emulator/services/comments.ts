import type { GitHubAccount } from '../accounts.ts';
import type { CommentRow, OtherApp } from '../store/comments.ts';
import type { ReactionRow, ReactionContent } from '../store/reactions.ts';
import type { ServiceContext } from './context.ts';

export type CommentService = {
  /** @param app the app that posts it for its author, if any */
  comment(author: GitHubAccount, issue: number, body: string, app?: OtherApp): CommentRow;
  edit(editor: GitHubAccount, comment: CommentRow, body: string): CommentRow;
  remove(remover: GitHubAccount, comment: CommentRow): void;
  react(
    author: GitHubAccount,
    comment: CommentRow,
    content: ReactionContent,
  ): { reaction: ReactionRow; added: boolean };
};

/** Returns the operations on comments. */
export const createCommentService = ({
  store,
  events,
  enqueueEvent,
  notifyPages,
  commit,
}: ServiceContext): CommentService => {
  const notifyComment = ({ issue, id }: CommentRow): void => notifyPages({ issue, comment: id });
  return {
    comment: (author, issue, body, app) => {
      const comment = commit(() => {
        const inserted = store.comments.insert({ issue, author: author.id, body, app });
        store.issues.touch(issue);
        enqueueEvent(events.buildCommentCreated(inserted, author));
        return inserted;
      });
      notifyComment(comment);
      return comment;
    },
    edit: (editor, before, body) => {
      if (before.body === body) return before;
      const comment = commit(() => {
        const updated = store.comments.update(before.id, body);
        enqueueEvent(events.buildCommentEdited(updated, before.body, editor));
        return updated;
      });
      notifyComment(comment);
      return comment;
    },
    remove: (remover, comment) => {
      commit(() => {
        const event = events.buildCommentDeleted(comment, remover);
        store.comments.delete(comment.id);
        enqueueEvent(event);
      });
      notifyComment(comment);
    },
    react: (author, comment, content) => {
      const result = commit(() => store.reactions.add({ comment: comment.id, author: author.id, content }));
      if (result.added) notifyComment(comment);
      return result;
    },
  };
};
