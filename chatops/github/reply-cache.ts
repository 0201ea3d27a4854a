import { LRUCache } from 'lru-cache';
import { readMarker } from './reply-marker.ts';
import type { PostedReply, ReactionCounts } from './ports.ts';

/** How long GitHub may take to show a comment that it has just accepted. */
const consistencyMilliseconds = 60_000;

type CachedReply = { reply: PostedReply; writtenAt: number };

/**
 * The replies that this process has found or written, by the id of the comment they answer. Only a cache: it saves listing
 * a thread, and it bridges the moment in which GitHub does not list yet what it has just accepted.
 */
export class ReplyCache {
  readonly #known = new LRUCache<number, CachedReply>({ max: 5_000 });
  /** The reactions of the commands' comments, as last listed. */
  readonly reactions = new LRUCache<number, ReactionCounts>({ max: 5_000 });

  get(comment: number): PostedReply | undefined {
    return this.#known.get(comment)?.reply;
  }

  addFound(comment: number, reply: PostedReply): void {
    this.#known.set(comment, { reply, writtenAt: -Infinity });
  }

  addWritten(reply: PostedReply): void {
    const marker = readMarker(reply.body);
    if (marker) this.#known.set(marker.comment, { reply, writtenAt: performance.now() });
  }

  /** GitHub has not taken an edit of it: that is more than not to list it yet. */
  delete({ body }: PostedReply): void {
    const marker = readMarker(body);
    if (marker) this.#known.delete(marker.comment);
  }

  /** GitHub says that it is not there: then it is gone, unless it was written just now. What is still believed is returned. */
  deleteUnlessRecent(comment: number): PostedReply | undefined {
    const known = this.#known.get(comment);
    if (known && performance.now() - known.writtenAt < consistencyMilliseconds) return known.reply;
    this.#known.delete(comment);
    return undefined;
  }
}
