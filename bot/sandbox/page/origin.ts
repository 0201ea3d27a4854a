/**
 * Whether a form was sent by a page of ours, and not by one of another site, or of another port of this machine, whose forms a
 * browser sends with our cookie.
 */
export const isFromOurPage = (request: Request, url: URL): boolean => {
  const site = request.headers.get('sec-fetch-site');
  const origin = request.headers.get('origin');
  if (site !== null && site !== 'same-origin' && site !== 'none') return false;
  return origin === null || origin === url.origin;
};
