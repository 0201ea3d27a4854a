const directOrigins = (host: string): string[] => [`http://${host}`, `https://${host}`];

/**
 * Returns whether a page of another site sent the form. Browsers say so in `Sec-Fetch-Site`; those that do not name the page's
 * origin, which has to be ours then: the public one, or the one that was asked for.
 */
export const isCrossSite = ({ headers }: Request, host: string, publicUrl: string | undefined): boolean => {
  const site = headers.get('sec-fetch-site');
  if (site !== null) return site !== 'same-origin' && site !== 'none';
  const origin = headers.get('origin');
  if (origin === null) return false;
  const ours = [...directOrigins(host), ...(publicUrl === undefined ? [] : [new URL(publicUrl).origin])];
  return !ours.includes(origin);
};

/**
 * Returns where the browser that sent a form of ours reaches us, without a slash at the end: its own word, which a proxy that
 * rewrites `Host` leaves alone.
 */
export const baseOf = ({ headers }: Request, host: string, publicUrl: string | undefined): string => {
  const origin = headers.get('origin') ?? '';
  if (directOrigins(host).includes(origin)) return origin;
  if (publicUrl !== undefined) return publicUrl;
  return /^https?:\/\//.test(origin) ? origin : `http://${host}`;
};
