import { jsonResponse, errorResponse } from '../api/responses.ts';
import { markup } from './html.ts';
import { createPage, pageResponse, type Site } from './layout.ts';
import type { FindUser, BrowserSessions } from './sessions.ts';

/** Where the owner of the data folder requests a code. */
const codesPath = '/sign-in/codes';

/** The query parameter of a page's address that contains a code. */
const codeParameter = 'code';

/** Returns a page's address with a one-time code. */
export const buildSignInAddress = (page: string, code: string): string => {
  const address = new URL(page);
  address.searchParams.set(codeParameter, code);
  return address.href;
};

/** Handles `POST /sign-in/codes`; returns undefined for other requests. */
export const handleCodeRequest = (
  request: Request,
  url: URL,
  sessions: BrowserSessions,
): Response | undefined => {
  if (request.method !== 'POST' || url.pathname !== codesPath) return undefined;
  return sessions.mayCreateCode(request.headers.get('authorization'))
    ? jsonResponse(201, { code: sessions.createCode() })
    : errorResponse(401, 'Bad credentials');
};

/**
 * Handles a request for a page whose address has a code: redirects to the same address without the code, and starts a session if
 * the code is valid. Returns undefined if there is no code.
 */
export const redeemCode = (
  request: Request,
  url: URL,
  sessions: BrowserSessions,
  findUser: FindUser,
): Response | undefined => {
  const code = url.searchParams.get(codeParameter);
  // Link previews may send HEAD; that must not use up the code.
  if (code === null || request.method !== 'GET') return undefined;
  const cookie = sessions.start(code, findUser);
  if (cookie === undefined && !sessions.find(request.headers.get('cookie'), findUser)) return undefined;
  url.searchParams.delete(codeParameter);
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
export const signedOutResponse = ({ method, headers }: Request, url: URL, site: Site): Response => {
  const isVisit = method === 'GET' && headers.get('sec-fetch-dest') === 'document';
  if (isVisit && headers.get('sec-fetch-site') === 'cross-site') {
    const answer = pageResponse(createPage('One moment', markup`<h1>One moment …</h1>`), site);
    answer.headers.set('refresh', `0; url=${url.pathname}${url.search}`);
    return answer;
  }
  const reason = url.searchParams.has(codeParameter)
    ? 'This address was already used or has expired. Run '
    : 'Run ';
  const main = markup`<div class="heading"><h1>You are not signed in</h1></div>
<p>${reason}<code>npm run say -- --open</code> in a terminal, with the same <code>--data</code> as <code>npm start</code>, then open the address that it prints.</p>`;
  return pageResponse(createPage('Signed out', main, 403), site);
};
