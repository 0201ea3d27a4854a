const local = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Whether a form was sent by a page of ours. The page needs no password, so a foreign site open in the same browser must not
 * post for its reader: not from its own origin, and not under a name of its own that it lets point at this machine.
 */
export const isFromOurPage = (request: Request, url: URL): boolean => {
  const site = request.headers.get('sec-fetch-site');
  const origin = request.headers.get('origin');
  if (!local.has(url.hostname)) return false;
  if (site !== null && site !== 'same-origin' && site !== 'none') return false;
  return origin === null || origin === url.origin;
};
