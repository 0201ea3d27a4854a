/**
 * Returns whether one of our own pages sent a form, and not another site or another port of this machine, to which browsers also
 * send our cookie.
 */
export const isFromOurPage = (request: Request, url: URL): boolean => {
  const site = request.headers.get('sec-fetch-site');
  const origin = request.headers.get('origin');
  if (site !== null && site !== 'same-origin' && site !== 'none') return false;
  return origin === null || origin === url.origin;
};
