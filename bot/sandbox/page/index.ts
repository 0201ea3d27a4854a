import { matchRoute } from '../router.ts';
import { assetRoutes } from './assets.ts';
import { foreign, type PageDesk } from './desk.ts';
import { fileRoutes } from './files.ts';
import { isFromOurPage } from './origin.ts';
import { readingRoutes } from './reading.ts';
import { writingRoutes } from './writing.ts';

/** The pages, `home` the one that `/` leads to. Undefined is answered to an address that is none of theirs. */
export const pagesOf = (desk: PageDesk, home: string) => {
  const routes = [
    ...readingRoutes(desk, home),
    ...writingRoutes(desk),
    ...fileRoutes(desk),
    ...assetRoutes(),
  ];
  return async (request: Request, url: URL): Promise<Response | undefined> => {
    const route = matchRoute(routes, request.method, url.pathname);
    if (!route) return undefined;
    const writes = request.method === 'POST';
    if (writes && !isFromOurPage(request, url)) return foreign();
    const form = new URLSearchParams(writes ? await request.text() : '');
    return route.handle({ parameters: route.parameters, url, form });
  };
};
