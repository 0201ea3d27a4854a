import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { toUrlHost } from './http/url-host.ts';

/*
 * Every web page that is open on the machine can reach a server on the loopback address. A page can send requests to any port, and
 * with DNS rebinding (its own host name resolves to this machine) it can also read the answers. Browsers reveal both: such a
 * request has a foreign `Host`, or the `Origin` or `Sec-Fetch-Site` of another site.
 */

/** Why a request is refused. */
export type ForeignRequest = { status: 400 | 403; message: string };

/** The names by which this machine reaches itself. Our servers listen on the first, unless they are given another address. */
const localNames = ['127.0.0.1', 'localhost'];
const httpPort = 80;
/** A name or address with or without a port (RFC 9110, section 7.2). */
const hostForm = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/**
 * Returns why a request is not meant for this server: it has no `Host` or several, a foreign host or port, or a target that is not a
 * path. Undefined if it is meant for this server. Besides the local names, a request may have the address at which it arrived: a page
 * that rebinds a name sends that name.
 */
export const findForeignHost = ({
  headersDistinct,
  url,
  socket,
}: IncomingMessage): ForeignRequest | undefined => {
  const [host = '', ...more] = headersDistinct['host'] ?? [];
  if (!hostForm.test(host) || more.length > 0)
    return { status: 400, message: 'The request must have exactly one valid Host header.' };
  if (!url?.startsWith('/')) return { status: 400, message: 'The request target must be a path.' };
  if (getLocalHosts(socket).includes(host.toLowerCase())) return undefined;
  return {
    status: 403,
    message: `This server only accepts requests for ${getLocalHosts(socket).slice(0, 2).join(' and ')}.`,
  };
};

const getLocalHosts = ({ localAddress = '', localPort }: Socket): string[] => {
  const names = [...new Set([...localNames, toUrlHost(localAddress)])];
  return [...names.map((name) => `${name}:${localPort}`), ...(localPort === httpPort ? names : [])];
};

/** Returns a refusal if a page of another site or port sent a request, as far as the browser reveals it. */
export const findForeignSite = ({ headersDistinct }: IncomingMessage): ForeignRequest | undefined => {
  const { host = [], origin = [], 'sec-fetch-site': sites = [] } = headersDistinct;
  const ownOrigin = `http://${host[0]?.toLowerCase()}`;
  const isOwn =
    origin.every((one) => one.toLowerCase() === ownOrigin) &&
    sites.every((site) => site === 'same-origin' || site === 'none');
  return isOwn ? undefined : { status: 403, message: 'The request comes from another site.' };
};

/** Returns a request listener that refuses requests for other hosts, see `findForeignHost`. */
export const allowLocalOnly =
  (listener: RequestListener): RequestListener =>
  (request, response) => {
    const foreign = findForeignHost(request);
    if (foreign) refuseForeign(response, foreign);
    else listener(request, response);
  };

/** Answers a foreign request, and closes the connection to further requests. */
export const refuseForeign = (response: ServerResponse, { status, message }: ForeignRequest): void => {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  response.end(`${message}\n`);
};
