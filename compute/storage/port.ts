import type { BlobPath } from '../../contracts/blob-paths.ts';

/** A blob as a listing shows it. `tag`: of this version of it, as `getTagged` gives it. */
export type ListedBlob = { path: BlobPath; bytes: number; modified: Date; tag: string };

/** What the rest needs of blob storage. All texts are UTF-8. */
export interface Blobs {
  /** The blob's bytes, or undefined if there is none. */
  get(path: BlobPath): Promise<Buffer | undefined>;
  /** The last `most` bytes of a blob that may be growing, and its whole length; undefined if there is none. */
  getTail(path: BlobPath, maxBytes: number): Promise<{ body: Buffer; length: number } | undefined>;
  /** The blob's bytes and a tag of this version of it, for `putIf` and `deleteIf`. */
  getWithTag(path: BlobPath): Promise<{ body: Buffer; tag: string } | undefined>;
  /** Creates or replaces. */
  put(path: BlobPath, body: string | Uint8Array, contentType?: string): Promise<void>;
  /** Creates with `If-None-Match: *`. False if the blob was there before: the first writer wins. */
  putOnce(path: BlobPath, body: string | Uint8Array, contentType?: string): Promise<boolean>;
  /** Replaces the blob if it is still what `getTagged` gave, or creates it (null) if there is none. False if another was first. */
  putIf(path: BlobPath, body: string | Uint8Array, tag: string | null): Promise<boolean>;
  /** Joins parts, in order, to one blob; for bodies too large to hold at once. Creates or replaces. */
  putParts(path: BlobPath, parts: AsyncIterable<string | Uint8Array>, contentType?: string): Promise<void>;
  exists(path: BlobPath): Promise<boolean>;
  /** Blobs whose path begins with `prefix`, in the order of their names. A range leaves out paths before `from` and after `to`. */
  list(prefix: BlobPath, range?: { from?: BlobPath; to?: BlobPath }): AsyncIterable<ListedBlob>;
  /** Removes the blob if it is still what `getTagged` or `list` gave. */
  deleteIf(path: BlobPath, tag: string): Promise<boolean>;
  /** Removes those that are there, up to 256 a request. */
  delete(paths: readonly BlobPath[]): Promise<void>;
  /** A URL with a SAS to read this one blob. */
  signReadLink(path: BlobPath, seconds: number): string;
  /** A URL with a SAS to create this one blob and nothing else: an existing one is not overwritten. */
  signCreateLink(path: BlobPath, seconds: number): string;
  /** A URL with a SAS to create and append to this one append blob. */
  signAppendLink(path: BlobPath, seconds: number): string;
}

/** A message taken off a queue. It is invisible to others until `visibleAfter` seconds have gone by, unless renewed. */
export type ReceivedMessage = { id: string; text: string; receipt: string; deliveries: number };

/** What the rest needs of one storage queue. `text` is the message before base64. */
export interface Queue {
  /** Adds a message without expiry. */
  send(text: string): Promise<void>;
  /** Takes up to `count` (at most 32) messages for `visibility` seconds. */
  receive(count: number, visibility: number): Promise<ReceivedMessage[]>;
  /**
   * Hides the message for `visibility` seconds from now on; 0 gives it back. `text` replaces its text. Answers with the message
   * and its new receipt; undefined if it is no longer ours.
   */
  renew(message: ReceivedMessage, visibility: number, text?: string): Promise<ReceivedMessage | undefined>;
  /** True if it was there and ours. */
  delete(message: ReceivedMessage): Promise<boolean>;
  /** Messages in the queue, hidden ones included (what KEDA counts by default). */
  length(): Promise<number>;
}

/** A storage account as Coxswain uses it. */
export interface Storage {
  readonly blobs: Blobs;
  readonly input: Queue;
  readonly poison: Queue;
  /** Creates containers and queues that are missing. */
  prepare(): Promise<void>;
}
