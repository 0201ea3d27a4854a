import {
  heardComment as heard,
  readComment as read,
  type Told,
  type Unheard as NotHeard,
  type Us,
} from '../../chatops/github/comment.ts';
import type { CommentEvent, IncomingComment } from '../../chatops/github/ports.ts';

/** Why nobody listens to a comment; `no-installation`: we could not reply to it. */
export type Unheard = NotHeard | 'no-installation';

/** A comment on a thread where our app is installed. */
export type HeardComment = IncomingComment & { installation: number };

/** The comment in a webhook. @throws WrongPayload, or the fault of a call that asks who we are (at most one a process) */
export const readComment = async (payload: unknown, us: Us): Promise<HeardComment | Unheard> =>
  whereInstalled(await read(payload, us));

/** A comment as the conversation hears it, or why nobody listens. @throws the fault of a call that asks who we are */
export const heardComment = async (
  told: Told,
  event: CommentEvent,
  us: Us,
): Promise<HeardComment | Unheard> => whereInstalled(await heard(told, event, us));

const whereInstalled = (comment: IncomingComment | NotHeard): HeardComment | Unheard => {
  if (typeof comment === 'string') return comment;
  const { installation } = comment;
  return installation === null ? 'no-installation' : { ...comment, installation };
};
