import { jsonResponse } from './responses.ts';

export type ListPage = { size: number; number: number; limit: number; offset: number };

const defaultSize = 30;
const maxSize = 100;

/** Items a page as asked for; what is not a number counts as not given, as GitHub does. */
export const parsePageSize = (query: URLSearchParams): number =>
  Math.min(parseDigits(query.get('per_page')) || defaultSize, maxSize);

/** The page that the query asks for. */
export const parsePage = (query: URLSearchParams): ListPage => {
  const size = parsePageSize(query);
  const number = parseDigits(query.get('page')) || 1;
  return { size, number, limit: size, offset: (number - 1) * size };
};

const parseDigits = (text: string | null): number =>
  text !== null && /^\d{1,9}$/.test(text) ? Number(text) : 0;

/** One page of a list, with links to the others. */
export const pageResponse = (items: readonly object[], total: number, page: ListPage, url: URL): Response => {
  const last = Math.max(1, Math.ceil(total / page.size));
  const pages = {
    ...(page.number > 1 ? { prev: page.number - 1 } : {}),
    ...(page.number < last ? { next: page.number + 1, last } : {}),
    ...(page.number > 1 ? { first: 1 } : {}),
  };
  return jsonResponse(
    200,
    items,
    buildLinkHeader(
      url,
      Object.entries(pages).map(([rel, number]) => ({ rel, name: 'page', value: number })),
    ),
  );
};

/** One page of a list that is there whole. */
export const listResponse = <T>(all: readonly T[], serialize: (item: T) => object, url: URL): Response => {
  const page = parsePage(url.searchParams);
  return pageResponse(all.slice(page.offset, page.offset + page.limit).map(serialize), all.length, page, url);
};

/** Which states are asked for: the open ones, unless the query says `closed` or `all`. */
export const parseState = (query: URLSearchParams): { state?: 'open' | 'closed' } => {
  const state = query.get('state');
  return state === 'all' ? {} : { state: state === 'closed' ? state : 'open' };
};

/** A `Link` header: the same address with one parameter set. */
export const buildLinkHeader = (
  url: URL,
  links: { rel: string; name: string; value: number }[],
): Record<string, string> => {
  if (links.length === 0) return {};
  const link = links.map(({ rel, name, value }) => {
    const target = new URL(url);
    target.searchParams.set(name, String(value));
    return `<${target.href}>; rel="${rel}"`;
  });
  return { link: link.join(', ') };
};
