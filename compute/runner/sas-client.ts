import { setTimeout as pause } from 'node:timers/promises';

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
const isTransient = (status: number): boolean => status === 408 || status === 429 || status >= 500;
const getRetryDelay = (attempt: number): number => Math.min(5_000, 100 * 2 ** attempt);

/**
 * A request to a blob by its SAS link, tried again until storage answers with something that will not pass by itself.
 * An outage of storage is waited out.
 * @throws the signal's reason once `giveUp` is aborted
 */
export const requestBlob = async (
  link: string,
  init: BlobRequest,
  giveUp: AbortSignal,
): Promise<StorageAnswer> => {
  let uncertain = false;
  for (let attempt = 0; ; attempt += 1) {
    giveUp.throwIfAborted();
    const response = await tryFetch(link, init, giveUp);
    if (response && !isTransient(response.status)) return { response, uncertain };
    await response?.body?.cancel();
    uncertain = true;
    await pause(getRetryDelay(attempt), undefined, { signal: giveUp });
  }
};

/** Undefined: no answer came. */
const tryFetch = async (
  link: string,
  init: BlobRequest,
  giveUp: AbortSignal,
): Promise<Response | undefined> => {
  const signal = AbortSignal.any([giveUp, AbortSignal.timeout(attemptMilliseconds)]);
  try {
    const headers = { ...init.headers, 'x-ms-version': apiVersion };
    // Storage does not redirect, and our data must not go anywhere else.
    return await fetch(link, { ...init, headers, redirect: 'manual', signal });
  } catch {
    giveUp.throwIfAborted();
    return undefined;
  }
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
