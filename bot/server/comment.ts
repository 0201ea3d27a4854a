import {
  toIncomingComment as heard,
  parseCommentEvent as read,
  type CommentPayload,
  type IgnoredReason as NotHeard,
  type BotIdentity,
} from '../../chatops/github/comment.ts';
import type { CommentEvent, IncomingComment } from '../../chatops/incoming-comment.ts';

/** Why nobody listens to a comment; `no-installation`: we could not reply to it. */
export type WebhookIgnoreReason = NotHeard | 'no-installation';

/** A comment on a thread where our app is installed. */
export type ReceivedComment = IncomingComment & { installation: number };

/** The comment in a webhook. @throws InvalidPayloadError, or the fault of a call that asks who we are (at most one a process) */
export const readCommentEvent = async (
  payload: unknown,
  us: BotIdentity,
): Promise<ReceivedComment | WebhookIgnoreReason> => requireInstallation(await read(payload, us));

/** A comment as the conversation hears it, or why nobody listens. @throws the fault of a call that asks who we are */
export const heardComment = async (
  told: CommentPayload,
  event: CommentEvent,
  us: BotIdentity,
): Promise<ReceivedComment | WebhookIgnoreReason> => requireInstallation(await heard(told, event, us));

const requireInstallation = (comment: IncomingComment | NotHeard): ReceivedComment | WebhookIgnoreReason => {
  if (typeof comment === 'string') return comment;
  const { installation } = comment;
  return installation === null ? 'no-installation' : { ...comment, installation };
};
