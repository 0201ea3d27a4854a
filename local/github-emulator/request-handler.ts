import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

import type { Logger } from '../../runtime/log.ts';
import { UploadError } from '../../runtime/http/uploads.ts';
import { allowLocalOnly } from '../../runtime/local-only.ts';
import { getPeerUser } from '../../runtime/peer-user.ts';
import { createWebListener } from '../../runtime/http-server.ts';
import { errorResponse } from './api/responses.ts';
import { ConnectionCutError } from './api/fault-injection.ts';
import { notFoundPage } from './page/page-context.ts';
import type { FindUser } from './page/sessions.ts';

type Handler<R> = (request: Request, url: URL) => Promise<R>;
type PageHandler = (request: Request, url: URL, findUser: FindUser) => Promise<Response | undefined>;

/**
 * The handlers behind the gateway. `pages` returns undefined, and `stream` false, for requests of others.
 */
type Handlers = {
  api: Handler<Response>;
  pages: PageHandler;
  stream: (request: IncomingMessage, response: ServerResponse) => boolean;
};

const prefix = '/api/v3';

/** Pages at their own addresses; below `/api/v3`, and at the root for clients that know github.com only, the API. */
export const createRequestHandler = ({ api, pages, stream }: Handlers, log: Logger): RequestListener => {
  const handle = async (request: Request, { socket }: IncomingMessage): Promise<Response> => {
    const url = new URL(request.url);
    const isApi = url.pathname === prefix || url.pathname.startsWith(`${prefix}/`);
    if (isApi) url.pathname = url.pathname.slice(prefix.length) || '/';
    const page = isApi ? undefined : await pages(request, url, () => getPeerUser(socket));
    if (page) return page;
    return isApi || request.headers.has('authorization') ? api(request, url) : notFoundPage();
  };
  const handleSafely = async (request: Request, incoming: IncomingMessage): Promise<Response> => {
    try {
      return await handle(request, incoming);
    } catch (err) {
      // The server handles that.
      if (err instanceof UploadError) throw err;
      log.error({ err, path: new URL(request.url).pathname }, 'a request failed');
      return errorResponse(500, 'Server Error');
    }
  };
  const listener = createWebListener(handleSafely, (err) => {
    if (!(err instanceof ConnectionCutError)) log.error({ err }, 'a request failed');
  });
  return allowLocalOnly(
    (request, response) => void (stream(request, response) || listener(request, response)),
  );
};
