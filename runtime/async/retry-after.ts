/**
 * Returns the delay that a `Retry-After` header asks for, in seconds; undefined if it is missing or invalid. Its value is a number of
 * seconds or a date (RFC 9110, section 10.2.3).
 * @param now in milliseconds since 1970
 */
export const parseRetryAfter = (header: unknown, now: number): number | undefined => {
  const text = typeof header === 'string' || typeof header === 'number' ? String(header).trim() : '';
  if (/^\d{1,12}(?:\.\d+)?$/.test(text)) return Number(text);
  // Without a letter, as in `-1`, a text is no date, although `Date.parse` can accept it.
  const at = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, (at - now) / 1_000);
};
