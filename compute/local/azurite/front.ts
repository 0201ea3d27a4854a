import type { RequestListener } from 'node:http';
import { foreignHost, foreignSite, refuseForeign } from '../../../runtime/local-only.ts';

const reading = new Set(['GET', 'HEAD']);

/**
 * What stands before Azurite's own listener: it refuses requests for another host, and all but reading from pages of other
 * sites and ports, preflights among them. Azurite never sees an `Origin`, so no rule for CORS that somebody stored lets a page
 * read an answer.
 */
export const frontOf =
  (azurite: RequestListener): RequestListener =>
  (request, response) => {
    const foreign =
      foreignHost(request) ?? (reading.has(request.method ?? '') ? undefined : foreignSite(request));
    if (foreign) return refuseForeign(response, foreign);
    delete request.headers.origin;
    azurite(request, response);
  };
