import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

import type { Logger } from '../../runtime/log.ts';
import { UploadError } from '../../runtime/http/uploads.ts';
import { localOnly } from '../../runtime/local-only.ts';
import { peerUser } from '../../runtime/peer-user.ts';
import { webListener } from '../../runtime/http-server.ts';
import { refusal } from './api/responses.ts';
import { ConnectionCut } from './api/fault-injection.ts';
import { missing } from './page/page-context.ts';
import type { FindUser } from './page/sessions.ts';

type Answerer<R> = (request: Request, url: URL) => Promise<R>;
type PageAnswerer = (request: Request, url: URL, findUser: FindUser) => Promise<Response | undefined>;

/**
 * The handlers behind the gateway. `pages` returns undefined, and `stream` false, for requests of others.
 */
type Behind = {
  api: Answerer<Response>;
  pages: PageAnswerer;
  stream: (request: IncomingMessage, response: ServerResponse) => boolean;
};

const prefix = '/api/v3';

/** Pages at their own addresses; below `/api/v3`, and at the root for clients that know github.com only, the API. */
export const gatewayOf = ({ api, pages, stream }: Behind, log: Logger): RequestListener => {
  const handle = async (request: Request, { socket }: IncomingMessage): Promise<Response> => {
    const url = new URL(request.url);
    const isApi = url.pathname === prefix || url.pathname.startsWith(`${prefix}/`);
    if (isApi) url.pathname = url.pathname.slice(prefix.length) || '/';
    const page = isApi ? undefined : await pages(request, url, () => peerUser(socket));
    if (page) return page;
    return isApi || request.headers.has('authorization') ? api(request, url) : missing();
  };
  const answered = async (request: Request, incoming: IncomingMessage): Promise<Response> => {
    try {
      return await handle(request, incoming);
    } catch (err) {
      // The server handles that.
      if (err instanceof UploadError) throw err;
      log.error({ err, path: new URL(request.url).pathname }, 'a request failed');
      return refusal(500, 'Server Error');
    }
  };
  const listener = webListener(answered, (err) => {
    if (!(err instanceof ConnectionCut)) log.error({ err }, 'a request failed');
  });
  return localOnly((request, response) => void (stream(request, response) || listener(request, response)));
};
