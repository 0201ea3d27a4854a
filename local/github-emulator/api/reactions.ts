import * as v from 'valibot';

import { mayComment, repositoryName } from '../accounts.ts';
import { serializeReaction } from '../serializers/conversation.ts';
import { reactionEmoji, type ReactionContent } from '../store/reactions.ts';
import { validationErrorResponse, jsonResponse, notFoundResponse, errorResponse } from './responses.ts';
import { accountRoute, type ApiRoute, type ApiContext } from './api-context.ts';
import { listResponse } from './pagination.ts';

const path = `/repos/${repositoryName}/issues/comments/:id/reactions`;
const contents = Object.keys(reactionEmoji) as [ReactionContent, ...ReactionContent[]];
const reactionBody = v.object({ content: v.picklist(contents) });

/** Returns the routes of reactions to comments. */
export const reactionRoutes = ({ store, services, serializerContext }: ApiContext): readonly ApiRoute[] => [
  accountRoute('GET', path, ({ url, parameters }) => {
    const comment = store.comments.get(Number(parameters['id']));
    if (!comment) return notFoundResponse();
    const content = url.searchParams.get('content');
    const wanted = store.reactions
      .list(comment.id)
      .filter((reaction) => content === null || reaction.content === content);
    return listResponse(wanted, (reaction) => serializeReaction(reaction, serializerContext), url);
  }),
  accountRoute('POST', path, ({ parameters, body }, account) => {
    const comment = store.comments.get(Number(parameters['id']));
    if (!comment) return notFoundResponse();
    const parsed = v.safeParse(reactionBody, body);
    if (!parsed.success)
      return validationErrorResponse({ resource: 'Reaction', code: 'invalid', field: 'content' });
    if (store.issues.get(comment.issue)?.locked && !mayComment(account))
      return errorResponse(403, 'Unable to create reaction because issue is locked.');
    const { reaction, added } = services.react(account, comment, parsed.output.content);
    return jsonResponse(added ? 201 : 200, serializeReaction(reaction, serializerContext));
  }),
];
