import { createHash } from 'node:crypto';
import { isExistsResponse, requestBlob, StorageRefusedError } from '../sas-client.ts';
import type { OpenFile } from './open-file.ts';

/** A file could not be read, or it changed while it was read. */
export class FileReadError extends Error {
  override name = 'FileReadError';
}

const chunkBytes = 256 * 1024;
/** An attempt that is slower than this ends, and is repeated. */
const minBytesPerMillisecond = 512;

/**
 * Uploads an open file to a new blob, in one request whose body needs little memory. Each attempt reads the file again.
 * @returns the sha256 of the bytes in the blob, even if the file changed between two attempts
 * @throws FileReadError if the file cannot be read, if it became shorter, or if it is not known which of its versions is in the blob
 * @throws StorageRefusedError
 * @throws the error of the last attempt once `giveUp` is aborted
 */
export const uploadFile = async (
  link: string,
  file: OpenFile,
  contentType: string,
  giveUp: AbortSignal,
): Promise<string> => {
  const unreadable = new AbortController();
  /** The digest of each attempt's body; missing if it was not read to its end. */
  const digests: (string | undefined)[] = [];
  const createBody = () => {
    const attempt = digests.push(undefined) - 1;
    return readBody(file, {
      onEnd: (digest) => void (digests[attempt] = digest),
      onError: (error) => unreadable.abort(error),
    });
  };
  const { response, uncertain } = await requestBlob(
    link,
    {
      method: 'PUT',
      headers: {
        'x-ms-blob-type': 'BlockBlob',
        'if-none-match': '*',
        'content-type': contentType,
        'content-length': String(file.bytes),
      },
      body: createBody,
      transferMilliseconds: Math.ceil(file.bytes / minBytesPerMillisecond),
    },
    AbortSignal.any([giveUp, unreadable.signal]),
  ).catch((error: unknown) => {
    throw unreadable.signal.aborted ? unreadable.signal.reason : error;
  });
  await response.body?.cancel();
  if (response.ok) return digests.at(-1)!;
  // If an earlier attempt created the blob, it has the bytes of one of the earlier bodies.
  const earlier = new Set(digests.slice(0, -1).filter((digest) => digest !== undefined));
  if (!uncertain || !isExistsResponse(response) || earlier.size === 0)
    throw new StorageRefusedError('Could not write a file', response);
  if (earlier.size > 1) throw new FileReadError('The file changed while it was uploaded');
  return [...earlier][0]!;
};

type BodyEvents = { onEnd: (sha256: string) => void; onError: (error: FileReadError) => void };

/** Reads as many bytes as the file had when it was opened. All chunks share one buffer. */
async function* readBody(
  { handle, bytes }: OpenFile,
  { onEnd, onError }: BodyEvents,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(Math.min(bytes, chunkBytes));
  try {
    for (let at = 0; at < bytes;) {
      const length = Math.min(buffer.length, bytes - at);
      const { bytesRead } = await handle.read(buffer, { length, position: at });
      if (bytesRead === 0) throw new Error('the file became shorter');
      const chunk = buffer.subarray(0, bytesRead);
      hash.update(chunk);
      yield chunk;
      at += bytesRead;
    }
  } catch (cause) {
    onError(new FileReadError('The file could not be read', { cause }));
    throw cause;
  }
  onEnd(hash.digest('hex'));
}
