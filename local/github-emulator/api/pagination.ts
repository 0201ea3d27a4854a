import { jsonResponse } from './responses.ts';

export type ListPage = { size: number; number: number; limit: number; offset: number };

const defaultSize = 30;
const maxSize = 100;

/** Returns the requested page size. As on GitHub, a value that is not a number is ignored. */
export const parsePageSize = (query: URLSearchParams): number =>
  Math.min(parseDigits(query.get('per_page')) || defaultSize, maxSize);

/** Returns the page that the query requests. */
export const parsePage = (query: URLSearchParams): ListPage => {
  const size = parsePageSize(query);
  const number = parseDigits(query.get('page')) || 1;
  return { size, number, limit: size, offset: (number - 1) * size };
};

const parseDigits = (text: string | null): number =>
  text !== null && /^\d{1,9}$/.test(text) ? Number(text) : 0;

/** Returns one page of a list, with links to the other pages. */
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

/** Returns the requested page of a complete list. */
export const listResponse = <T>(all: readonly T[], serialize: (item: T) => object, url: URL): Response => {
  const page = parsePage(url.searchParams);
  return pageResponse(all.slice(page.offset, page.offset + page.limit).map(serialize), all.length, page, url);
};

/** Returns the requested state: `open` by default. */
export const parseState = (query: URLSearchParams): { state?: 'open' | 'closed' } => {
  const state = query.get('state');
  return state === 'all' ? {} : { state: state === 'closed' ? state : 'open' };
};

/** Returns a `Link` header: the same address with one parameter replaced. */
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
