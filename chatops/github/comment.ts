import * as v from 'valibot';
import type { Identity } from './identity.ts';
import { parsePayload, WebhookRepository } from './webhook-payload.ts';
import type { Author, CommentEvent, IncomingComment } from '../incoming-comment.ts';

const GitHubUser = v.object({ id: v.number(), login: v.string() });

/** The fields of an issue that we use; a pull request is an issue too. */
export const WebhookIssue = v.object({
  number: v.number(),
  pull_request: v.optional(v.unknown()),
  labels: v.optional(v.array(v.object({ name: v.string() })), []),
  comments: v.optional(v.number(), 0),
});

/** The fields of a comment that we use. */
export const WebhookComment = v.object({
  id: v.number(),
  body: v.nullish(v.string(), ''),
  created_at: v.string(),
  updated_at: v.optional(v.string()),
  user: v.nullable(v.object({ ...GitHubUser.entries, type: v.optional(v.string(), 'User') })),
  author_association: v.optional(v.string()),
  performed_via_github_app: v.nullish(v.object({ id: v.number(), slug: v.nullish(v.string()) })),
});
type Comment = v.InferOutput<typeof WebhookComment>;

const CommentEventPayload = v.object({
  action: v.picklist(['created', 'edited']),
  issue: WebhookIssue,
  comment: WebhookComment,
  repository: WebhookRepository,
  installation: v.optional(v.object({ id: v.number() })),
  sender: v.optional(GitHubUser),
  changes: v.optional(v.object({ body: v.optional(v.object({ from: v.string() })) })),
});
type CommentEventPayload = v.InferOutput<typeof CommentEventPayload>;

/** A comment with its thread, repository and author, as GitHub sends it. `installation`: of the app that received the webhook. */
type CommentPayload = Omit<v.InferOutput<typeof CommentEventPayload>, 'action' | 'sender' | 'changes'>;

/** Why a comment is ignored: we wrote it, or its author's account was deleted. */
export type IgnoredReason = 'by-us' | 'by-nobody';

/** Our identity: the id of our GitHub App (null for a workflow), the GitHub host, and a predicate that recognizes our own comments. */
export type BotIdentity = { app: number | null; host: string; isOwn: Identity['isOwn'] };

/**
 * Parses an `issue_comment` event (created or edited) into a comment and its author.
 * @throws InvalidPayloadError, or the error of the request for our identity (at most one per process)
 */
export const parseCommentEvent = (
  payload: unknown,
  bot: BotIdentity,
): Promise<IncomingComment | IgnoredReason> => {
  const parsed = parsePayload('issue_comment', CommentEventPayload, payload);
  return toIncomingComment(parsed, toCommentEvent(parsed), bot);
};

/** Returns what the event did. An edit by an unknown account has the id 0, which no account has. */
const toCommentEvent = ({ action, changes, sender, comment }: CommentEventPayload): CommentEvent =>
  action === 'created'
    ? { kind: 'created' }
    : {
        kind: 'edited',
        before: changes?.body?.from ?? null,
        // The payload is a snapshot of the comment right after the edit.
        at: comment.updated_at ?? null,
        editor: sender ? { id: sender.id, login: sender.login } : { id: 0, login: 'ghost' },
      };

const affiliations: readonly unknown[] = ['OWNER', 'MEMBER', 'COLLABORATOR'];

/** Returns whether GitHub shows an author as belonging to the repository. GitHub does not show private members of an organization. */
export const isAffiliated = (subject: { author_association?: string | undefined }): boolean =>
  affiliations.includes(subject.author_association);

/** Returns the author. A bot's comment names the bot's own app; a person's comment names the app that posted it with that person's token. */
const toAuthor = (
  { id, login, type }: NonNullable<Comment['user']>,
  app: Comment['performed_via_github_app'],
): Author => {
  if (type !== 'User') return { id, login, kind: 'bot' };
  return app ? { id, login, kind: 'person-via-app', app: parseSlug(app) } : { id, login, kind: 'person' };
};

/** The same pattern as for bot logins in a policy. */
const slugPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/;

const parseSlug = ({ slug }: { slug?: string | null | undefined }): string | null =>
  slug && slugPattern.test(slug) ? slug.toLowerCase() : null;

/** Converts a comment for processing, or returns why it is ignored. @throws the error of the request for our identity */
export const toIncomingComment = async (
  { issue, comment, repository, installation }: CommentPayload,
  event: CommentEvent,
  bot: BotIdentity,
): Promise<IncomingComment | IgnoredReason> => {
  const { user, performed_via_github_app: via } = comment;
  if (!user) return 'by-nobody';
  if ((via && via.id === bot.app) || (await bot.isOwn(comment))) return 'by-us';
  return {
    host: bot.host,
    thread: {
      repository: { id: repository.id, name: repository.full_name },
      number: issue.number,
      kind: issue.pull_request ? 'pull-request' : 'issue',
    },
    threadState: { labels: issue.labels.map(({ name }) => name), comments: issue.comments },
    comment: { id: comment.id, createdAt: comment.created_at, body: comment.body },
    author: toAuthor(user, via),
    event,
    installation: installation?.id ?? null,
    ...(isAffiliated(comment) ? { isAffiliated: true } : {}),
  };
};
