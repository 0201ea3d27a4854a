import type { IncomingMessage } from 'node:http';

/** A request that cannot be converted to a web-standard request. */
type RequestProblem = { status: 400 | 405; code: string; message: string };

const hostPattern = /^(?:\[[\da-f:.]+\]|[a-z\d._-]+)(?::\d{1,5})?$/i;
/** Source: https://fetch.spec.whatwg.org/#forbidden-method */
const forbiddenMethods: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK']);

/** The methods that our servers support. */
export const allowedMethods = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';

/** Returns the URL of a request. An HTTP/1.0 request can omit the host. */
export const getRequestUrl = ({ headers, url = '/' }: IncomingMessage): string =>
  `http://${headers.host ?? 'localhost'}${url}`;

/** Returns the problem of a request's method, target or `Host`, before any of its body is read. */
export const findRequestProblem = (incoming: IncomingMessage): RequestProblem | undefined => {
  const { method = '', url = '', rawHeaders } = incoming;
  if (forbiddenMethods.has(method))
    return { status: 405, code: 'method-not-allowed', message: `The method ${method} is not supported.` };
  const hosts = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'host');
  if (hosts.length > 1 || hosts.some((host) => !hostPattern.test(host)))
    return { status: 400, code: 'invalid-host', message: 'The Host header is not valid.' };
  if (!url.startsWith('/') || !URL.canParse(getRequestUrl(incoming)))
    return { status: 400, code: 'invalid-address', message: 'The request target is not valid.' };
  return undefined;
};
