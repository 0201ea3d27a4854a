import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

import type { Logger } from '../../runtime/log.ts';
import { UploadError } from '../../runtime/http/uploads.ts';
import { allowLocalOnly } from '../../runtime/local-only.ts';
import { getPeerUser } from '../../runtime/peer-user.ts';
import { createWebListener } from '../../runtime/http-server.ts';
import { errorResponse } from './api/responses.ts';
import { ConnectionCutError } from './api/fault-injection.ts';
import type { PageHandler } from './page/page-handler.ts';

type Handler<R> = (request: Request, url: URL) => Promise<R>;

/**
 * The handlers of the emulator. For a request that is not its own, a stream returns false.
 */
type Handlers = {
  api: Handler<Response>;
  pages: PageHandler;
  streams: readonly ((request: IncomingMessage, response: ServerResponse) => boolean)[];
};

const prefix = '/api/v3';

/** Returns the listener that serves pages at their addresses, and the API below `/api/v3` and, for clients that only know github.com, at the root. */
export const createRequestHandler = ({ api, pages, streams }: Handlers, log: Logger): RequestListener => {
  const handle = async (request: Request, { socket }: IncomingMessage): Promise<Response> => {
    const url = new URL(request.url);
    const isApi = url.pathname === prefix || url.pathname.startsWith(`${prefix}/`);
    if (isApi) url.pathname = url.pathname.slice(prefix.length) || '/';
    const page = isApi ? undefined : await pages.handle(request, url, () => getPeerUser(socket));
    if (page) return page;
    return isApi || request.headers.has('authorization') ? api(request, url) : pages.notFound();
  };
  const handleSafely = async (request: Request, incoming: IncomingMessage): Promise<Response> => {
    try {
      return await handle(request, incoming);
    } catch (err) {
      // The server responds to it.
      if (err instanceof UploadError) throw err;
      log.error({ err, path: new URL(request.url).pathname }, 'request failed');
      return errorResponse(500, 'Server Error');
    }
  };
  const listener = createWebListener(handleSafely, (err) => {
    if (!(err instanceof ConnectionCutError)) log.error({ err }, 'request failed');
  });
  return allowLocalOnly(
    (request, response) =>
      void (streams.some((stream) => stream(request, response)) || listener(request, response)),
  );
};
