import type { CommentId } from '../../contracts/comment-id.ts';
import { LRUCache } from 'lru-cache';
import { readMarker } from './reply-marker.ts';
import type { PostedReply, ReactionCounts } from './ports.ts';

/** The time that GitHub may take to list a comment that it has accepted. */
const consistencyMilliseconds = 60_000;

type CachedReply = { reply: PostedReply; writtenAt: number };

/**
 * Caches the replies that this process has found or written, by the id of the comment they answer. It saves listing a thread, and it
 * bridges the time until GitHub lists a comment that it has accepted.
 */
export class ReplyCache {
  readonly #known = new LRUCache<CommentId, CachedReply>({ max: 5_000 });
  /** The reactions of the commands' comments, as last listed. */
  readonly reactions = new LRUCache<CommentId, ReactionCounts>({ max: 5_000 });

  get(comment: CommentId): PostedReply | undefined {
    return this.#known.get(comment)?.reply;
  }

  addFound(comment: CommentId, reply: PostedReply): void {
    this.#known.set(comment, { reply, writtenAt: -Infinity });
  }

  addWritten(reply: PostedReply): void {
    const marker = readMarker(reply.body);
    if (marker) this.#known.set(marker.comment, { reply, writtenAt: performance.now() });
  }

  /** Removes a reply whose edit failed because it was deleted. */
  delete({ body }: PostedReply): void {
    const marker = readMarker(body);
    if (marker) this.#known.delete(marker.comment);
  }

  /** Removes a reply that GitHub does not find, unless it was written recently; returns the reply if it is kept. */
  deleteUnlessRecent(comment: CommentId): PostedReply | undefined {
    const known = this.#known.get(comment);
    if (known && performance.now() - known.writtenAt < consistencyMilliseconds) return known.reply;
    this.#known.delete(comment);
    return undefined;
  }
}
