import * as v from 'valibot';

import { mayWrite, repositoryName, type Account } from '../accounts.ts';
import { commentShape, issueShape, reactionShape } from '../shapes/conversation.ts';
import type { Comment } from '../store/comments.ts';
import { reactionFaces, type ReactionContent } from '../store/reactions.ts';
import { empty, invalid, json, notFound, refusal } from './answers.ts';
import { commentText, issueText } from './bodies.ts';
import { forAccounts, type ApiRoute, type Call, type Desk } from './call.ts';
import { pageAnswer, pageOf } from './paging.ts';

const base = `/repos/${repositoryName}/issues`;

/** Issues, their comments and the reactions to them. */
export const conversationRoutes = (desk: Desk): readonly ApiRoute[] => [
  ...issueRoutes(desk),
  ...commentRoutes(desk),
  ...reactionRoutes(desk),
];

const issueRoutes = ({ store, activity, surroundings }: Desk): readonly ApiRoute[] => [
  forAccounts('GET', base, ({ url }) => {
    const page = pageOf(url.searchParams);
    // Issues of the sandbox are never closed.
    const none = url.searchParams.get('state') === 'closed';
    const issues = none ? [] : store.issues.list(page);
    return pageAnswer(
      issues.map((issue) => issueShape(issue, surroundings)),
      none ? 0 : store.issues.count(),
      page,
      url,
    );
  }),
  forAccounts('POST', base, ({ body }, account) => {
    const text = issueText(body);
    if (text instanceof Response) return text;
    const shape = issueShape(activity.open(account, text), surroundings);
    return json(201, shape, { location: shape.url });
  }),
  forAccounts('GET', `${base}/:number`, ({ parameters }) => {
    const issue = store.issues.get(Number(parameters['number']));
    return issue ? json(200, issueShape(issue, surroundings)) : notFound();
  }),
];

const commentRoutes = ({ store, activity, surroundings }: Desk): readonly ApiRoute[] => {
  const shape = (comment: Comment) => commentShape(comment, store.reactions.list(comment.id), surroundings);
  const list = (url: URL, issue?: number): Response => {
    const page = pageOf(url.searchParams);
    const query = { ...sinceOf(url.searchParams), ...(issue === undefined ? {} : { issue }) };
    return pageAnswer(
      store.comments.list({ ...query, ...page }).map(shape),
      store.comments.count(query),
      page,
      url,
    );
  };
  const find = ({ parameters }: Call): Comment | undefined => store.comments.get(Number(parameters['id']));
  const mayChange = (account: Account, comment: Comment): boolean =>
    account.id === comment.author || mayWrite(account);
  return [
    forAccounts('GET', `${base}/comments`, ({ url }) => list(url)),
    forAccounts('GET', `${base}/:number/comments`, ({ url, parameters }) => {
      const number = Number(parameters['number']);
      return store.issues.get(number) ? list(url, number) : notFound();
    }),
    forAccounts('POST', `${base}/:number/comments`, ({ parameters, body }, account) => {
      const issue = store.issues.get(Number(parameters['number']));
      if (!issue) return notFound();
      const text = commentText(body);
      if (text instanceof Response) return text;
      const made = shape(activity.comment(account, issue.number, text));
      return json(201, made, { location: made.url });
    }),
    forAccounts('GET', `${base}/comments/:id`, (call) => {
      const comment = find(call);
      return comment ? json(200, shape(comment)) : notFound();
    }),
    forAccounts('PATCH', `${base}/comments/:id`, (call, account) => {
      const comment = find(call);
      if (!comment) return notFound();
      if (!mayChange(account, comment)) return notYours();
      const text = commentText(call.body);
      return text instanceof Response ? text : json(200, shape(activity.edit(account, comment, text)));
    }),
    forAccounts('DELETE', `${base}/comments/:id`, (call, account) => {
      const comment = find(call);
      if (!comment) return notFound();
      if (!mayChange(account, comment)) return notYours();
      activity.remove(account, comment);
      return empty();
    }),
  ];
};

const contents = Object.keys(reactionFaces) as [ReactionContent, ...ReactionContent[]];
const reactionBody = v.object({ content: v.picklist(contents) });

const reactionRoutes = ({ store, activity, surroundings }: Desk): readonly ApiRoute[] => [
  forAccounts('GET', `${base}/comments/:id/reactions`, ({ url, parameters }) => {
    const comment = store.comments.get(Number(parameters['id']));
    if (!comment) return notFound();
    const content = url.searchParams.get('content');
    const wanted = store.reactions
      .list(comment.id)
      .filter((reaction) => content === null || reaction.content === content);
    const page = pageOf(url.searchParams);
    const shown = wanted.slice(page.offset, page.offset + page.limit);
    return pageAnswer(
      shown.map((reaction) => reactionShape(reaction, surroundings)),
      wanted.length,
      page,
      url,
    );
  }),
  forAccounts('POST', `${base}/comments/:id/reactions`, ({ parameters, body }, account) => {
    const comment = store.comments.get(Number(parameters['id']));
    if (!comment) return notFound();
    const parsed = v.safeParse(reactionBody, body);
    if (!parsed.success) return invalid({ resource: 'Reaction', code: 'invalid', field: 'content' });
    const { reaction, added } = activity.react(account, comment, parsed.output.content);
    return json(added ? 201 : 200, reactionShape(reaction, surroundings));
  }),
];

const notYours = (): Response =>
  refusal(403, 'Must have push access to the repository to change what others wrote.');

/** The moment of `since`, to the second; one that is not a time counts as not given. */
const sinceOf = (query: URLSearchParams): { since?: string } => {
  const moment = Date.parse(query.get('since') ?? '');
  return Number.isNaN(moment) ? {} : { since: new Date(moment).toISOString().replace(/\.\d+Z$/, 'Z') };
};
