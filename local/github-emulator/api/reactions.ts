import * as v from 'valibot';

import { mayComment, repositoryName } from '../accounts.ts';
import { reactionShape } from '../serializers/conversation.ts';
import { reactionFaces, type ReactionContent } from '../store/reactions.ts';
import { invalid, json, notFound, refusal } from './responses.ts';
import { forAccounts, type ApiRoute, type Desk } from './api-context.ts';
import { listAnswer } from './pagination.ts';

const path = `/repos/${repositoryName}/issues/comments/:id/reactions`;
const contents = Object.keys(reactionFaces) as [ReactionContent, ...ReactionContent[]];
const reactionBody = v.object({ content: v.picklist(contents) });

/** Reactions to comments. */
export const reactionRoutes = ({ store, activity, surroundings }: Desk): readonly ApiRoute[] => [
  forAccounts('GET', path, ({ url, parameters }) => {
    const comment = store.comments.get(Number(parameters['id']));
    if (!comment) return notFound();
    const content = url.searchParams.get('content');
    const wanted = store.reactions
      .list(comment.id)
      .filter((reaction) => content === null || reaction.content === content);
    return listAnswer(wanted, (reaction) => reactionShape(reaction, surroundings), url);
  }),
  forAccounts('POST', path, ({ parameters, body }, account) => {
    const comment = store.comments.get(Number(parameters['id']));
    if (!comment) return notFound();
    const parsed = v.safeParse(reactionBody, body);
    if (!parsed.success) return invalid({ resource: 'Reaction', code: 'invalid', field: 'content' });
    if (store.issues.get(comment.issue)?.locked && !mayComment(account))
      return refusal(403, 'Unable to create reaction because issue is locked.');
    const { reaction, added } = activity.react(account, comment, parsed.output.content);
    return json(added ? 201 : 200, reactionShape(reaction, surroundings));
  }),
];
