import { createHash, randomBytes } from 'node:crypto';

/** Returns a JSON response with GitHub's headers. */
export const jsonResponse = (status: number, body: object, headers: Record<string, string> = {}): Response =>
  contentResponse(status, JSON.stringify(body), {
    'content-type': 'application/json; charset=utf-8',
    'x-github-media-type': 'github.v3; format=json',
    ...headers,
  });

/** Returns raw content in the requested media type. GitHub declares all of it as UTF-8. */
export const rawResponse = (mediaType: string, body: string | Uint8Array<ArrayBuffer>): Response =>
  contentResponse(200, body, { 'content-type': `${mediaType}; charset=utf-8` });

const contentResponse = (
  status: number,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string>,
): Response =>
  new Response(body, {
    status,
    headers: {
      'x-github-request-id': randomBytes(8).toString('hex'),
      etag: `W/"${createHash('sha256').update(body).digest('hex')}"`,
      ...headers,
    },
  });

/** Returns a response without a body. */
export const emptyResponse = (): Response => new Response(null, { status: 204 });

/** Returns an error in GitHub's format. */
export const errorResponse = (status: number, message: string, more: object = {}): Response =>
  jsonResponse(status, {
    message,
    ...more,
    documentation_url: 'https://docs.github.com/rest',
    status: String(status),
  });

export const notFoundResponse = (): Response => errorResponse(404, 'Not Found');
export const badCredentialsResponse = (): Response => errorResponse(401, 'Bad credentials');
export const notForAppsResponse = (): Response =>
  errorResponse(403, 'Resource not accessible by integration');

/** An error in one field of a body, in GitHub's format. */
type FieldError = {
  resource: string;
  code: 'missing_field' | 'invalid' | 'unprocessable' | 'custom';
  field: string;
  message?: string;
};

/** Returns GitHub's response to a body that is valid JSON with invalid fields. */
export const validationErrorResponse = (...errors: FieldError[]): Response =>
  errorResponse(422, 'Validation Failed', { errors });

/** Returns 304 without a body if the client already has this version, otherwise the response itself. */
export const applyIfNoneMatch = (response: Response, knownTag: string | null): Response => {
  const tag = response.headers.get('etag');
  if (response.status !== 200 || tag === null || tag !== knownTag) return response;
  return new Response(null, { status: 304, headers: { etag: tag } });
};
