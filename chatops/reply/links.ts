import type { Job, JobReason, LinkName } from '../../compute/client/index.ts';
import { linkNames } from '../../contracts/job.ts';
import { toCodeSpan } from '../markdown/untrusted-text.ts';
import { formatJobCommand } from './job-link.ts';
import { formatTime } from './time.ts';

const labels = {
  result: 'result.json',
  manifest: 'manifest.jsonl',
  outputs: 'outputs.jsonl',
  log: 'log',
} as const satisfies Record<LinkName, string>;

/** Escapes a URL for a Markdown link; undefined if it is not an HTTP URL. */
export const toSafeUrl = (url: string): string | undefined => {
  if (!URL.canParse(url)) return undefined;
  const { href, protocol } = new URL(url);
  const safe = href.replaceAll(
    /[()<>\\`'";\s]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return protocol === 'https:' || protocol === 'http:' ? safe : undefined;
};

/** The ends of a compute job whose `result.json` is missing, or says only that there is no result. */
const endsWithoutResult: ReadonlySet<string | null> = new Set<JobReason>([
  'all-blocks-failed',
  'reduce-failed',
]);

/**
 * Renders links to a job's output blobs, and until when they and those to its files work; or only their paths if everyone could follow
 * a link.
 * @param names the links to render, all by default
 */
export const renderLinks = (
  job: Pick<Job, 'id' | 'origin' | 'links' | 'reason' | 'files'>,
  isPublic: boolean,
  names: readonly LinkName[] = linkNames,
): string | undefined => {
  const links = names.flatMap((name) => {
    const link = name === 'result' && endsWithoutResult.has(job.reason) ? undefined : job.links?.[name];
    return link ? [{ ...link, label: labels[name], url: isPublic ? undefined : toSafeUrl(link.url) }] : [];
  });
  const files = isPublic ? [] : (job.files?.delivered ?? []);
  const shown = links.map(({ path, label, url }) =>
    url === undefined ? toCodeSpan(path) : `[${label}](${url})`,
  );
  const expiry = formatLinkExpiry(job, [
    ...links.map(({ url }) => url),
    ...files.map(({ url }) => toSafeUrl(url)),
  ]);
  const lines = [shown.length === 0 ? undefined : `Outputs: ${shown.join(' · ')}`, expiry];
  return lines.filter((line) => line !== undefined).join('\n') || undefined;
};

/**
 * States until when links work, and how to get new ones; undefined if none expires. The time is that of the links, so a reply never
 * changes only because time passes.
 * @param urls links with a SAS; undefined for a file that is not linked
 */
export const formatLinkExpiry = (
  job: Pick<Job, 'id' | 'origin'>,
  urls: readonly (string | undefined)[],
): string | undefined => {
  const [first] = urls
    .flatMap((url) => (url === undefined ? [] : (new URL(url).searchParams.get('se') ?? [])))
    .filter((time) => !Number.isNaN(Date.parse(time)))
    .toSorted((a, b) => Date.parse(a) - Date.parse(b));
  return first === undefined
    ? undefined
    : `<sub>Links work until ${formatTime(first)}. ${formatJobCommand(job, 'status')} gets new ones.</sub>`;
};
