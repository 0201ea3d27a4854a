const toDirectOrigins = (host: string): string[] => [`http://${host}`, `https://${host}`];

/**
 * Returns whether another site sent the form. Browsers report this in `Sec-Fetch-Site`. Without that header, `Origin` must be ours:
 * the public origin, or the one that the request was sent to.
 */
export const isCrossSite = ({ headers }: Request, host: string, publicUrl: string | undefined): boolean => {
  const site = headers.get('sec-fetch-site');
  if (site !== null) return site !== 'same-origin' && site !== 'none';
  const origin = headers.get('origin');
  if (origin === null) return false;
  const allowed = [...toDirectOrigins(host), ...(publicUrl === undefined ? [] : [new URL(publicUrl).origin])];
  return !allowed.includes(origin);
};

/**
 * Returns the base URL at which the browser that sent a form reaches us, without a trailing slash. It uses `Origin`, which proxies
 * that rewrite `Host` do not change.
 */
export const getBaseUrl = ({ headers }: Request, host: string, publicUrl: string | undefined): string => {
  const origin = headers.get('origin') ?? '';
  if (toDirectOrigins(host).includes(origin)) return origin;
  if (publicUrl !== undefined) return publicUrl;
  return /^https?:\/\//.test(origin) ? origin : `http://${host}`;
};
