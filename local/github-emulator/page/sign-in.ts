import { json, refusal } from '../api/responses.ts';
import { markup } from './html.ts';
import { pageAnswer } from './layout.ts';
import type { FindUser, Sessions } from './sessions.ts';

/** Where the owner of the data folder requests a code. */
const codesPath = '/sign-in/codes';

/** The query parameter of a page's address that contains a code. */
const codeName = 'code';

/** Returns a page's address with a one-time code. */
export const addressWith = (page: string, code: string): string => {
  const address = new URL(page);
  address.searchParams.set(codeName, code);
  return address.href;
};

/** Handles `POST /sign-in/codes`; returns undefined for other requests. */
export const codesAnswer = (request: Request, url: URL, sessions: Sessions): Response | undefined => {
  if (request.method !== 'POST' || url.pathname !== codesPath) return undefined;
  return sessions.mayDrawCode(request.headers.get('authorization'))
    ? json(201, { code: sessions.drawCode() })
    : refusal(401, 'Bad credentials');
};

/**
 * Handles a request for a page whose address has a code: redirects to the same address without the code, and starts a session if
 * the code is valid. Returns undefined if there is no code.
 */
export const codeAnswer = (
  request: Request,
  url: URL,
  sessions: Sessions,
  findUser: FindUser,
): Response | undefined => {
  const code = url.searchParams.get(codeName);
  // Link previews may send HEAD; that must not use up the code.
  if (code === null || request.method !== 'GET') return undefined;
  const cookie = sessions.begin(code, findUser);
  if (cookie === undefined && !sessions.sessionIn(request.headers.get('cookie'), findUser)) return undefined;
  url.searchParams.delete(codeName);
  return new Response(null, {
    status: 303,
    headers: {
      location: url.pathname + url.search,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      ...(cookie === undefined ? {} : { 'set-cookie': cookie }),
    },
  });
};

/**
 * Handles a request without a session. When a user follows a link from another site, the browser omits the cookie; the page that is
 * returned then reloads the same address.
 */
export const signedOutAnswer = ({ method, headers }: Request, url: URL): Response => {
  const isVisit = method === 'GET' && headers.get('sec-fetch-dest') === 'document';
  if (isVisit && headers.get('sec-fetch-site') === 'cross-site') {
    const answer = pageAnswer('One moment', markup`<p>One moment …</p>`);
    answer.headers.set('refresh', `0; url=${url.pathname}${url.search}`);
    return answer;
  }
  const reason = url.searchParams.has(codeName)
    ? 'This address was already used or has expired. Run '
    : 'Run ';
  return pageAnswer(
    'Signed out',
    markup`<div class="heading"><h1>You are not signed in</h1></div>
<p>${reason}<code>npm run say -- --open</code> in a terminal, with the same <code>--data</code> as <code>npm start</code>, then open the address that it prints.</p>`,
    403,
  );
};
