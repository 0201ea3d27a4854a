import * as v from 'valibot';

import { mayComment, repositoryName, type GitHubAccount } from '../accounts.ts';
import { serializeReaction } from '../serializers/conversation.ts';
import type { CommentRow } from '../store/comments.ts';
import type { ReviewCommentRow } from '../store/review-comments.ts';
import {
  reactionEmoji,
  type ReactionContent,
  type ReactionRow,
  type ReactionRows,
} from '../store/reactions.ts';
import { validationErrorResponse, jsonResponse, notFoundResponse, errorResponse } from './responses.ts';
import { accountRoute, type ApiRoute, type ApiContext } from './api-context.ts';
import { listResponse } from './pagination.ts';

const contents = Object.keys(reactionEmoji) as [ReactionContent, ...ReactionContent[]];
const reactionBody = v.object({ content: v.picklist(contents) });

/** A kind of comment that can have reactions. `react` stores a reaction together with its notification. */
type ReactableComments<Comment> = {
  path: string;
  rows: ReactionRows;
  get: (id: number) => Comment | undefined;
  getIssue: (comment: Comment) => number;
  react: ReactTo<Comment>;
};

type ReactTo<Comment> = (
  author: GitHubAccount,
  comment: Comment,
  content: ReactionContent,
) => { reaction: ReactionRow; added: boolean };

/** Returns the routes of reactions to comments of the conversation and to review comments. Reviews have no reactions. */
export const reactionRoutes = (context: ApiContext): readonly ApiRoute[] => {
  const { store, services } = context;
  return [
    ...routesOf<CommentRow>(context, {
      path: `/repos/${repositoryName}/issues/comments/:id/reactions`,
      rows: store.reactions,
      get: (id) => store.comments.get(id),
      getIssue: ({ issue }) => issue,
      react: (author, comment, content) => services.react(author, comment, content),
    }),
    ...routesOf<ReviewCommentRow>(context, {
      path: `/repos/${repositoryName}/pulls/comments/:id/reactions`,
      rows: store.reviewCommentReactions,
      get: (id) => store.reviewComments.get(id),
      getIssue: ({ pull }) => pull,
      react: (author, comment, content) => services.reactToReviewComment(author, comment, content),
    }),
  ];
};

const routesOf = <Comment extends { id: number }>(
  { store, serializerContext }: ApiContext,
  { path, rows, get, getIssue, react }: ReactableComments<Comment>,
): readonly ApiRoute[] => [
  accountRoute('GET', path, ({ url, parameters }) => {
    const comment = get(Number(parameters['id']));
    if (!comment) return notFoundResponse();
    const content = url.searchParams.get('content');
    const wanted = rows
      .list(comment.id)
      .filter((reaction) => content === null || reaction.content === content);
    return listResponse(wanted, (reaction) => serializeReaction(reaction, serializerContext), url);
  }),
  accountRoute('POST', path, ({ parameters, body }, account) => {
    const comment = get(Number(parameters['id']));
    if (!comment) return notFoundResponse();
    const parsed = v.safeParse(reactionBody, body);
    if (!parsed.success)
      return validationErrorResponse({ resource: 'Reaction', code: 'invalid', field: 'content' });
    if (store.issues.get(getIssue(comment))?.locked && !mayComment(account))
      return errorResponse(403, 'Unable to create reaction because issue is locked.');
    const { reaction, added } = react(account, comment, parsed.output.content);
    return jsonResponse(added ? 201 : 200, serializeReaction(reaction, serializerContext));
  }),
];
