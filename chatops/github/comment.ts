import * as v from 'valibot';
import { toCommentId, type CommentId, type CommentKind } from '../../contracts/comment-id.ts';
import type { Identity } from './identity.ts';
import { parsePayload, WebhookRepository } from './webhook-payload.ts';
import type { Author, CommentEvent, IncomingComment } from '../incoming-comment.ts';

const GitHubUser = v.object({ id: v.number(), login: v.string() });

/** The fields of an issue that we use; a pull request is an issue too. */
export const WebhookIssue = v.object({
  number: v.number(),
  pull_request: v.optional(v.unknown()),
  state: v.optional(v.string()),
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

/** The fields of a pull request that we use. GitHub leaves out the number of its comments in events of reviews. */
const WebhookPull = v.object({ number: v.number(), labels: WebhookIssue.entries.labels });

/** The fields of a review that we use. GitHub does not name the app that submitted it for a person. */
const WebhookReview = v.object({
  id: v.number(),
  body: WebhookComment.entries.body,
  submitted_at: v.string(),
  updated_at: v.nullish(v.string()),
  user: WebhookComment.entries.user,
  author_association: WebhookComment.entries.author_association,
});

const shared = {
  repository: WebhookRepository,
  installation: v.optional(v.object({ id: v.number() })),
  sender: v.optional(GitHubUser),
  changes: v.optional(v.object({ body: v.optional(v.object({ from: v.nullable(v.string()) })) })),
};
const createdOrEdited = v.picklist(['created', 'edited']);

const IssueCommentPayload = v.object({
  ...shared,
  action: createdOrEdited,
  issue: WebhookIssue,
  comment: WebhookComment,
});
const ReviewCommentPayload = v.object({
  ...shared,
  action: createdOrEdited,
  pull_request: WebhookPull,
  comment: WebhookComment,
});
const ReviewPayload = v.object({
  ...shared,
  action: v.picklist(['submitted', 'edited']),
  pull_request: WebhookPull,
  review: WebhookReview,
});

/** A comment of any kind with its thread, repository and author. `installation`: of the app that received the webhook. */
type CommentPayload = {
  issue: v.InferOutput<typeof WebhookIssue>;
  comment: Omit<Comment, 'id'> & { id: CommentId };
  repository: v.InferOutput<typeof WebhookRepository>;
  installation?: { id: number } | undefined;
};

/** The same, with what the event did. */
type CommentEventPayload = CommentPayload & {
  action: 'created' | 'submitted' | 'edited';
  sender?: v.InferOutput<typeof GitHubUser> | undefined;
  changes?: { body?: { from: string | null } | undefined } | undefined;
};

/** Parses the payload of an event by the kind of its comment. @throws InvalidPayloadError */
const payloadParsers: Record<CommentKind, (payload: unknown) => CommentEventPayload> = {
  issue_comment: (payload) => parsePayload('issue_comment', IssueCommentPayload, payload),
  pull_request_review_comment: (payload) => {
    const parsed = parsePayload('pull_request_review_comment', ReviewCommentPayload, payload);
    const { action, comment } = parsed;
    // A comment of a review was drafted before the review was submitted; the submission is its first change.
    const writtenAt = action === 'created' ? comment.updated_at : undefined;
    return {
      ...parsed,
      issue: toWebhookIssue(parsed.pull_request),
      comment: {
        ...comment,
        id: toCommentId('pull_request_review_comment', comment.id),
        created_at: writtenAt ?? comment.created_at,
      },
    };
  },
  pull_request_review: (payload) => {
    const parsed = parsePayload('pull_request_review', ReviewPayload, payload);
    const { id, submitted_at: submittedAt, updated_at: updatedAt, ...review } = parsed.review;
    return {
      ...parsed,
      issue: toWebhookIssue(parsed.pull_request),
      comment: {
        ...review,
        id: toCommentId('pull_request_review', id),
        created_at: submittedAt,
        ...(updatedAt ? { updated_at: updatedAt } : {}),
      },
    };
  },
};

const toWebhookIssue = (pull: v.InferOutput<typeof WebhookPull>): CommentPayload['issue'] => ({
  ...pull,
  pull_request: {},
  comments: 0,
});

/** Returns whether an event of a comment can bring new commands. */
export const isNewOrEdited = (action: unknown): boolean =>
  action === 'created' || action === 'submitted' || action === 'edited';

/** Why a comment is ignored: we wrote it, or its author's account was deleted. */
export type IgnoredReason = 'by-us' | 'by-nobody';

/** Our identity: the id of our GitHub App (null for a workflow), the GitHub host, and a predicate that recognizes our own comments. */
export type BotIdentity = { app: number | null; host: string; isOwn: Identity['isOwn'] };

/**
 * Parses an event of a new or edited comment into the comment and its author.
 * @throws InvalidPayloadError, or the error of the request for our identity (at most one per process)
 */
export const parseCommentEvent = (
  kind: CommentKind,
  payload: unknown,
  bot: BotIdentity,
): Promise<IncomingComment | IgnoredReason> => {
  const parsed = payloadParsers[kind](payload);
  return toIncomingComment(parsed, toCommentEvent(parsed), bot);
};

/** Returns what the event did. An edit by an unknown account has the id 0, which no account has. */
const toCommentEvent = ({ action, changes, sender, comment }: CommentEventPayload): CommentEvent =>
  action !== 'edited'
    ? { kind: 'created' }
    : {
        kind: 'edited',
        // A review without a text has null.
        before: changes?.body ? (changes.body.from ?? '') : null,
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
    threadState: {
      labels: issue.labels.map(({ name }) => name),
      comments: issue.comments,
      ...(issue.state === 'closed' ? { isClosed: true } : {}),
    },
    comment: { id: comment.id, createdAt: comment.created_at, body: comment.body },
    author: toAuthor(user, via),
    event,
    installation: installation?.id ?? null,
    ...(isAffiliated(comment) ? { isAffiliated: true } : {}),
  };
};
