import { retry } from '../../runtime/async/retry.ts';

/** Storage refused a request for good. The message holds neither link nor body. */
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

/** `uncertain`: an earlier attempt got no answer, so it may have been carried out. */
export type StorageAnswer = { response: Response; uncertain: boolean };

type BlobRequest = {
  method?: 'GET' | 'PUT';
  headers?: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer>;
};

/** Of storage's REST API; it answers an append with the offset since 2015. */
const apiVersion = '2021-12-02';
const attemptMilliseconds = 30_000;
const backoff = { minMilliseconds: 100, maxMilliseconds: 5_000 };
const isTransient = (status: number): boolean => status === 408 || status === 429 || status >= 500;

/**
 * Sends a request to a blob by its SAS link, again after each transient error, however long storage is down.
 * @throws the last error once `giveUp` is aborted
 */
export const requestBlob = (link: string, init: BlobRequest, giveUp: AbortSignal): Promise<StorageAnswer> =>
  retry(async (attempts) => ({ response: await tryFetch(link, init, giveUp), uncertain: attempts > 0 }), {
    backoff,
    signal: giveUp,
  });

/** @throws if no answer comes, or a transient one */
const tryFetch = async (link: string, init: BlobRequest, giveUp: AbortSignal): Promise<Response> => {
  const response = await fetch(link, {
    ...init,
    headers: { ...init.headers, 'x-ms-version': apiVersion },
    // Storage does not redirect, and our data must not go anywhere else.
    redirect: 'manual',
    signal: AbortSignal.any([giveUp, AbortSignal.timeout(attemptMilliseconds)]),
  });
  if (!isTransient(response.status)) return response;
  await response.body?.cancel();
  throw new Error(`Storage answered ${response.status}`);
};

/** With a link that may create but not overwrite, these say that the blob is there. */
const overwriteCodes = ['UnauthorizedBlobOverwrite', 'AuthorizationPermissionMismatch'];

/** Whether storage refused to create a blob because it is there already. */
export const isExistsResponse = ({ status, headers }: Response): boolean =>
  status === 409 ||
  status === 412 ||
  (status === 403 && overwriteCodes.includes(headers.get('x-ms-error-code') ?? ''));

/**
 * Creates a blob with `If-None-Match: *`. `exists`: it was there before, or an attempt without an answer has created it.
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
  throw new StorageRefusedError('A blob could not be created', response);
};
