import { matchRoute } from '../router.ts';
import { assetRoutes } from './assets.ts';
import {
  expiredFormPage,
  crossOriginPage,
  notFoundPage,
  type PageContext,
  type PageRoute,
  type PageRequest,
} from './page-context.ts';
import { fileListRoutes } from './file-list.ts';
import { fileRoutes } from './file-routes.ts';
import { tokenField } from './forms.ts';
import { createJobRoutes } from './jobs/job-routes.ts';
import { pageResponse, type PageContent } from './layout.ts';
import { isFromOurPage } from './same-origin.ts';
import { createGetRoutes } from './get-routes.ts';
import { isEqualInConstantTime } from '../../../runtime/constant-time.ts';
import type { FindUser, BrowserSession, BrowserSessions } from './sessions.ts';
import { redeemCode, handleCodeRequest, signedOutResponse } from './sign-in.ts';
import { createPostRoutes } from './post-routes.ts';
import { createPullRoutes } from './pull-routes.ts';

export type PageHandler = {
  /** Returns undefined for addresses that are not of a page. */
  handle(request: Request, url: URL, findUser: FindUser): Promise<Response | undefined>;
  /** Returns the page for such an address. */
  notFound(): Response;
};

/** Creates the handler of the pages. `/` redirects to `home`. */
export const createPageHandler = (
  context: PageContext,
  sessions: BrowserSessions,
  home: string,
): PageHandler => {
  const routes = [
    ...createGetRoutes(context, home),
    ...createPostRoutes(context),
    ...createPullRoutes(context),
    ...fileRoutes(context),
    ...fileListRoutes(context),
    ...createJobRoutes(context),
  ];
  /** These are the same for everyone, and contain nothing from the data folder. */
  const assets = assetRoutes();
  const toResponse = (answer: Response | PageContent): Response =>
    answer instanceof Response ? answer : pageResponse(answer, context.site);

  return {
    handle: async (request, url, findUser) => {
      const asset = matchRoute(assets, request.method, url.pathname);
      if (asset)
        return toResponse(
          await asset.handle({ parameters: asset.parameters, url, form: emptyForm, formToken: '' }),
        );
      const route = matchRoute(routes, request.method, url.pathname);
      if (!route) return handleCodeRequest(request, url, sessions);
      const session = sessions.find(request.headers.get('cookie'), findUser);
      return (
        redeemCode(request, url, sessions, findUser) ??
        (session
          ? toResponse(await handlePage(route, request, url, session))
          : signedOutResponse(request, url, context.site))
      );
    },
    notFound: () => toResponse(notFoundPage()),
  };
};

const emptyForm = new URLSearchParams();

const handlePage = async (
  { handle, parameters }: Pick<PageRequest, 'parameters'> & Pick<PageRoute, 'handle'>,
  request: Request,
  url: URL,
  { formToken }: BrowserSession,
): Promise<Response | PageContent> => {
  if (request.method !== 'POST') return handle({ parameters, url, form: emptyForm, formToken });
  if (!isFromOurPage(request, url)) return crossOriginPage();
  const form = new URLSearchParams(await request.text());
  return isEqualInConstantTime(form.get(tokenField) ?? '', formToken)
    ? handle({ parameters, url, form, formToken })
    : expiredFormPage();
};
