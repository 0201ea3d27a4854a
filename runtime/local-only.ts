import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

/*
 * A server on the loopback address is reached by every web page that is open on the machine: a page may send requests to any
 * port, and by DNS rebinding it reads the answers too, under a name of its own that it lets point here. Browsers show both:
 * such a request names another `Host`, or comes with the `Origin` or `Sec-Fetch-Site` of another site.
 */

/** Why a request is refused. */
export type ForeignRequest = { status: 400 | 403; message: string };

/** The names under which this machine is reached from itself. Servers of ours listen on the first. */
const localNames = ['127.0.0.1', 'localhost'];
const httpPort = 80;
/** A name or address with or without a port (RFC 9110, section 7.2). */
const hostForm = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/**
 * Returns why a request is not meant for a server on this machine's loopback address: it has no `Host` or several, or names
 * another host or port, or its target is no path. Undefined: it is meant for it.
 */
export const foreignHost = ({
  headersDistinct,
  url,
  socket,
}: IncomingMessage): ForeignRequest | undefined => {
  const [host = '', ...more] = headersDistinct['host'] ?? [];
  if (!hostForm.test(host) || more.length > 0)
    return { status: 400, message: 'The request must have exactly one valid Host header.' };
  if (!url?.startsWith('/')) return { status: 400, message: 'The request target must be a path.' };
  if (hostsAt(socket.localPort).includes(host.toLowerCase())) return undefined;
  return {
    status: 403,
    message: `This server only accepts requests for ${hostsAt(socket.localPort).slice(0, 2).join(' and ')}.`,
  };
};

const hostsAt = (port: number | undefined): string[] => [
  ...localNames.map((name) => `${name}:${port}`),
  ...(port === httpPort ? localNames : []),
];

/** Returns why a request was sent by a page of another site or port, as far as the browser shows it. */
export const foreignSite = ({ headersDistinct }: IncomingMessage): ForeignRequest | undefined => {
  const { host = [], origin = [], 'sec-fetch-site': sites = [] } = headersDistinct;
  const ownOrigin = `http://${host[0]?.toLowerCase()}`;
  const isOwn =
    origin.every((one) => one.toLowerCase() === ownOrigin) &&
    sites.every((site) => site === 'same-origin' || site === 'none');
  return isOwn ? undefined : { status: 403, message: 'The request comes from another site.' };
};

/** A request listener that refuses what is meant for another host, see `foreignHost`. */
export const localOnly =
  (listener: RequestListener): RequestListener =>
  (request, response) => {
    const foreign = foreignHost(request);
    if (foreign) refuseForeign(response, foreign);
    else listener(request, response);
  };

/** Answers a foreign request, and takes no more of them on this connection. */
export const refuseForeign = (response: ServerResponse, { status, message }: ForeignRequest): void => {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  response.end(`${message}\n`);
};
