import { matchRoute } from '../router.ts';
import { assetRoutes } from './assets.ts';
import {
  expiredFormPage,
  crossOriginPage,
  type PageContext,
  type PageRoute,
  type PageRequest,
} from './page-context.ts';
import { fileRoutes } from './file-routes.ts';
import { tokenField } from './forms.ts';
import { isFromOurPage } from './same-origin.ts';
import { createGetRoutes } from './get-routes.ts';
import { isEqualInConstantTime } from '../../../runtime/constant-time.ts';
import type { FindUser, BrowserSession, BrowserSessions } from './sessions.ts';
import { redeemCode, handleCodeRequest, signedOutResponse } from './sign-in.ts';
import { createPostRoutes } from './post-routes.ts';

/** Creates the handler of the pages. `/` redirects to `home`. The handler returns undefined for other addresses. */
export const createPageHandler = (context: PageContext, sessions: BrowserSessions, home: string) => {
  const routes = [...createGetRoutes(context, home), ...createPostRoutes(context), ...fileRoutes(context)];
  /** These are the same for everyone, and contain nothing from the data folder. */
  const assets = assetRoutes();

  return async (request: Request, url: URL, findUser: FindUser): Promise<Response | undefined> => {
    const asset = matchRoute(assets, request.method, url.pathname);
    if (asset) return asset.handle({ parameters: asset.parameters, url, form: emptyForm, formToken: '' });
    const route = matchRoute(routes, request.method, url.pathname);
    if (!route) return handleCodeRequest(request, url, sessions);
    const session = sessions.find(request.headers.get('cookie'), findUser);
    return (
      redeemCode(request, url, sessions, findUser) ??
      (session ? handlePage(route, request, url, session) : signedOutResponse(request, url))
    );
  };
};

const emptyForm = new URLSearchParams();

const handlePage = async (
  { handle, parameters }: Pick<PageRequest, 'parameters'> & Pick<PageRoute, 'handle'>,
  request: Request,
  url: URL,
  { formToken }: BrowserSession,
): Promise<Response> => {
  if (request.method !== 'POST') return handle({ parameters, url, form: emptyForm, formToken });
  if (!isFromOurPage(request, url)) return crossOriginPage();
  const form = new URLSearchParams(await request.text());
  return isEqualInConstantTime(form.get(tokenField) ?? '', formToken)
    ? handle({ parameters, url, form, formToken })
    : expiredFormPage();
};
