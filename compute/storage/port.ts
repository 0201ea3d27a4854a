import type { BlobPath } from '../../contracts/blob-paths.ts';

/** A blob in a listing. `tag`: identifies this version of the blob, as from `getWithTag`. */
export type ListedBlob = { path: BlobPath; bytes: number; modified: Date; tag: string };

/** A range of a blob that can grow. `length`: the length of the whole blob. */
export type BlobRange = { body: Buffer; length: number };

/** The headers `content-type` and `content-disposition` of a response. */
export type ResponseHeaders = { type: string; disposition: string };

/** Blob storage. All texts are UTF-8. Methods throw `StorageError`. */
export interface Blobs {
  /** Returns the bytes of a blob; undefined if it does not exist. */
  get(path: BlobPath): Promise<Buffer | undefined>;
  /** Returns at most the last `maxBytes` of a blob that can grow, and its whole length; undefined if it does not exist. */
  getTail(path: BlobPath, maxBytes: number): Promise<BlobRange | undefined>;
  /** Returns the number of bytes of a blob; undefined if it does not exist. */
  getLength(path: BlobPath): Promise<number | undefined>;
  /** Returns when a blob was last written, by the clock of the storage account; undefined if it does not exist. */
  getModified(path: BlobPath): Promise<Date | undefined>;
  /** Returns at most `maxBytes` of a blob that can grow, from an offset on, and its whole length; undefined if it does not exist. */
  getRange(path: BlobPath, from: number, maxBytes: number): Promise<BlobRange | undefined>;
  /** Returns the bytes of a blob with a tag of this version, for `putIf` and `deleteIf`; undefined if it does not exist. */
  getWithTag(path: BlobPath): Promise<{ body: Buffer; tag: string } | undefined>;
  /** Creates or replaces a blob. */
  put(path: BlobPath, body: string | Uint8Array, contentType?: string): Promise<void>;
  /** Creates a blob with `If-None-Match: *`. Returns false if it exists: the first writer wins. */
  putOnce(path: BlobPath, body: string | Uint8Array, contentType?: string): Promise<boolean>;
  /** Replaces a blob if it still has the tag, or creates it (null) if it does not exist. Returns false if another writer was first. */
  putIf(path: BlobPath, body: string | Uint8Array, tag: string | null): Promise<boolean>;
  /** Creates or replaces a blob from parts, in order, for bodies that are too large for memory. */
  putParts(path: BlobPath, parts: AsyncIterable<string | Uint8Array>, contentType?: string): Promise<void>;
  exists(path: BlobPath): Promise<boolean>;
  /** Lists the blobs whose path starts with `prefix`, in the order of their names. A range excludes paths before `from` and after `to`. */
  list(prefix: BlobPath, range?: { from?: BlobPath; to?: BlobPath }): AsyncIterable<ListedBlob>;
  /** Deletes a blob if it still has the tag. Returns false if it does not, or does not exist. */
  deleteIf(path: BlobPath, tag: string): Promise<boolean>;
  /** Deletes blobs, up to 256 per request. Blobs that do not exist are ignored. */
  delete(paths: readonly BlobPath[]): Promise<void>;
  /** Returns a URL with a SAS that can only read this blob. @param response the headers with which storage answers it */
  signReadLink(path: BlobPath, seconds: number, response?: ResponseHeaders): string;
  /** Returns a URL with a SAS that can only create this blob, and not overwrite it. */
  signCreateLink(path: BlobPath, seconds: number): string;
  /** Returns a URL with a SAS that can only create this append blob and append to it. */
  signAppendLink(path: BlobPath, seconds: number): string;
}

/** A message that was received from a queue. It is invisible to others until its visibility timeout passes, unless it is renewed. */
export type ReceivedMessage = { id: string; text: string; receipt: string; deliveries: number };

/** A storage queue. `text` is the message before base64. Methods throw `StorageError`. */
export interface Queue {
  /** Adds a message that does not expire. */
  send(text: string): Promise<void>;
  /** Receives up to `count` (at most 32) messages, which are invisible to others for `visibility` seconds. */
  receive(count: number, visibility: number): Promise<ReceivedMessage[]>;
  /**
   * Makes a message invisible for `visibility` seconds from now on; 0 returns it to the queue. `text` replaces its text. Returns the
   * message with its new receipt; undefined if another worker has received it, or it no longer exists.
   */
  renew(message: ReceivedMessage, visibility: number, text?: string): Promise<ReceivedMessage | undefined>;
  /** Deletes a message. Returns false if another worker has received it, or it no longer exists. */
  delete(message: ReceivedMessage): Promise<boolean>;
  /** Returns the number of messages, including invisible ones (as KEDA counts them by default). */
  length(): Promise<number>;
}

/** The storage account. */
export interface Storage {
  readonly blobs: Blobs;
  readonly input: Queue;
  readonly poison: Queue;
  readonly events: Queue;
  readonly poisonEvents: Queue;
  /** Creates missing containers and queues. */
  prepare(): Promise<void>;
}
