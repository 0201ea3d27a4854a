import type { IncomingMessage, RequestListener } from 'node:http';
import { limitBody } from '../../runtime/http/limit-body.ts';
import {
  findForeignHost,
  findForeignSite,
  refuseForeign,
  type ForeignRequest,
} from '../../runtime/local-only.ts';

const reading = new Set(['GET', 'HEAD']);

/**
 * Returns a listener in front of Azurite's own. It refuses requests for other hosts, and, from pages of other sites and ports, all
 * requests except reads, including preflights. Azurite never sees an `Origin`, so no stored CORS rule lets a page read an answer. It
 * also limits bodies, and refuses addresses at which Azurite would fail.
 */
export const createRequestFilter =
  (azurite: RequestListener): RequestListener =>
  (request, response) => {
    const refused =
      findForeignHost(request) ??
      (reading.has(request.method ?? '') ? undefined : findForeignSite(request)) ??
      checkEncoding(request);
    if (refused) return refuseForeign(response, refused);
    delete request.headers.origin;
    limitBody(request, response);
    azurite(request, response);
  };

/** Returns an error for an address that Azurite fails to decode. It decodes an address once, and the parameters of a SAS twice. */
const checkEncoding = ({ url = '/' }: IncomingMessage): ForeignRequest | undefined => {
  const query = url.split('?').slice(1).join('?');
  const ofSas = [...new URLSearchParams(query)].filter(([name]) => sasParameter.test(name));
  const isRight = [url, ...ofSas.map(([, value]) => value)].every(canBeDecoded);
  return isRight ? undefined : { status: 400, message: 'The request target is not valid percent-encoding.' };
};

/** Parameters of all kinds of SAS; see https://learn.microsoft.com/rest/api/storageservices/create-service-sas. */
const sasParameter = /^(?:s[a-z]{1,5}|snapshot)$/;

const canBeDecoded = (text: string): boolean => {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
};
