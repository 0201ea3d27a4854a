import { matchRoute } from '../router.ts';
import { assetRoutes } from './assets.ts';
import { expired, foreign, type PageDesk, type PageRoute, type Visit } from './page-context.ts';
import { fileRoutes } from './file-routes.ts';
import { tokenField } from './forms.ts';
import { isFromOurPage } from './same-origin.ts';
import { readingRoutes } from './get-routes.ts';
import { isEqualInConstantTime } from '../../../runtime/constant-time.ts';
import type { FindUser, Session, Sessions } from './sessions.ts';
import { codeAnswer, codesAnswer, signedOutAnswer } from './sign-in.ts';
import { writingRoutes } from './post-routes.ts';

/** The pages, `home` the one that `/` leads to. Undefined is answered to an address that is none of theirs. */
export const pagesOf = (desk: PageDesk, sessions: Sessions, home: string) => {
  const routes = [...readingRoutes(desk, home), ...writingRoutes(desk), ...fileRoutes(desk)];
  /** These are the same for everyone, and contain nothing from the data folder. */
  const assets = assetRoutes();

  return async (request: Request, url: URL, findUser: FindUser): Promise<Response | undefined> => {
    const asset = matchRoute(assets, request.method, url.pathname);
    if (asset) return asset.handle({ parameters: asset.parameters, url, form: nothing, formToken: '' });
    const route = matchRoute(routes, request.method, url.pathname);
    if (!route) return codesAnswer(request, url, sessions);
    const session = sessions.sessionIn(request.headers.get('cookie'), findUser);
    return (
      codeAnswer(request, url, sessions, findUser) ??
      (session ? answer(route, request, url, session) : signedOutAnswer(request, url))
    );
  };
};

const nothing = new URLSearchParams();

const answer = async (
  { handle, parameters }: Pick<Visit, 'parameters'> & Pick<PageRoute, 'handle'>,
  request: Request,
  url: URL,
  { formToken }: Session,
): Promise<Response> => {
  if (request.method !== 'POST') return handle({ parameters, url, form: nothing, formToken });
  if (!isFromOurPage(request, url)) return foreign();
  const form = new URLSearchParams(await request.text());
  return isEqualInConstantTime(form.get(tokenField) ?? '', formToken)
    ? handle({ parameters, url, form, formToken })
    : expired();
};
