import type { Job, LinkName } from '../../compute/client/index.ts';
import { toCodeSpan } from '../markdown/untrusted-text.ts';

const labels = {
  result: 'result.json',
  manifest: 'manifest.jsonl',
  outputs: 'outputs.jsonl',
  log: 'log',
} as const satisfies Record<LinkName, string>;

/** Escapes a URL for a Markdown link; undefined if it is not an HTTP URL. */
const toSafeUrl = (url: string): string | undefined => {
  if (!URL.canParse(url)) return undefined;
  const { href, protocol } = new URL(url);
  const safe = href.replaceAll(
    /[()<>\\`'";\s]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return protocol === 'https:' || protocol === 'http:' ? safe : undefined;
};

/** Renders links to a job's output blobs, or only their paths if everyone could follow a link. */
export const renderLinks = (links: Job['links'], isPublic: boolean): string | undefined => {
  const shown = Object.entries(labels).flatMap(([name, label]) => {
    const link = links?.[name as LinkName];
    if (!link) return [];
    const url = isPublic ? undefined : toSafeUrl(link.url);
    return [url === undefined ? toCodeSpan(link.path) : `[${label}](${url})`];
  });
  return shown.length === 0 ? undefined : `Outputs: ${shown.join(' · ')}`;
};
