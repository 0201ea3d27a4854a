import { retry } from '../../runtime/async/retry.ts';
import { putStream } from './put-stream.ts';

/** Storage refused a request for good. The message contains neither the link nor the body. */
export class StorageRefusedError extends Error {
  override name = 'StorageRefusedError';
  readonly status: number;
  constructor(what: string, response: Response) {
    super(
      `${what}: storage answered ${response.status} ${response.headers.get('x-ms-error-code') ?? ''}`.trimEnd(),
    );
    this.status = response.status;
  }
}

/** The answer of storage. `uncertain`: an earlier attempt failed without an answer, and may have taken effect. */
export type StorageAnswer = { response: Response; uncertain: boolean };

type BlobRequest = {
  method?: 'GET' | 'PUT';
  headers?: Record<string, string>;
  /** A function creates the body of one attempt of a PUT request. */
  body?: string | Uint8Array<ArrayBuffer> | (() => AsyncIterable<Uint8Array>);
  /** The additional time for an attempt with a large body. */
  transferMilliseconds?: number;
};

/** The version of storage's REST API. Answers to an append contain the offset since 2015. */
const apiVersion = '2021-12-02';
const attemptMilliseconds = 30_000;
export const storageBackoff = { minMilliseconds: 100, maxMilliseconds: 5_000 };
const isTransient = (status: number): boolean => status === 408 || status === 429 || status >= 500;

/**
 * Sends a request to a blob by its SAS link, again after each transient error, however long storage is down.
 * @throws the last error once `giveUp` is aborted
 */
export const requestBlob = (link: string, init: BlobRequest, giveUp: AbortSignal): Promise<StorageAnswer> =>
  retry(async (attempts) => ({ response: await tryFetch(link, init, giveUp), uncertain: attempts > 0 }), {
    backoff: storageBackoff,
    signal: giveUp,
  });

/** @throws Error without an answer, or with a transient one */
const tryFetch = async (
  link: string,
  { body, transferMilliseconds = 0, headers, ...init }: BlobRequest,
  giveUp: AbortSignal,
): Promise<Response> => {
  const signal = AbortSignal.any([giveUp, AbortSignal.timeout(attemptMilliseconds + transferMilliseconds)]);
  const allHeaders = { ...headers, 'x-ms-version': apiVersion };
  const response =
    typeof body === 'function'
      ? await putStream(link, allHeaders, body(), signal)
      : await fetch(link, {
          ...init,
          headers: allHeaders,
          ...(body !== undefined && { body }),
          // Storage does not redirect, and our data must not go anywhere else.
          redirect: 'manual',
          signal,
        });
  if (!isTransient(response.status)) return response;
  await response.body?.cancel();
  throw new Error(`Storage answered ${response.status}`);
};

/** The error codes for an existing blob if the link can create but not overwrite. */
const overwriteCodes = ['UnauthorizedBlobOverwrite', 'AuthorizationPermissionMismatch'];

/** Returns whether storage refused to create a blob because it exists. */
export const isExistsResponse = ({ status, headers }: Response): boolean =>
  status === 409 ||
  status === 412 ||
  (status === 403 && overwriteCodes.includes(headers.get('x-ms-error-code') ?? ''));

/**
 * Creates a blob with `If-None-Match: *`. Returns `exists` if it existed before, or if an attempt without an answer created it.
 * @throws StorageRefusedError
 */
export const createOnce = async (
  link: string,
  body: string,
  contentType: string,
  giveUp: AbortSignal,
): Promise<'created' | 'exists'> => {
  const headers = { 'x-ms-blob-type': 'BlockBlob', 'if-none-match': '*', 'content-type': contentType };
  const { response } = await requestBlob(link, { method: 'PUT', headers, body }, giveUp);
  await response.body?.cancel();
  if (response.ok) return 'created';
  if (isExistsResponse(response)) return 'exists';
  throw new StorageRefusedError('Could not create a blob', response);
};
