import { markup, type Html } from './html.ts';

/** A time, relative to now; the page's script keeps it so. */
export const renderTime = (time: string): Html =>
  markup`<time datetime="${time}" title="${time.replace('T', ' ').replace('Z', ' UTC')}">${formatAge(time)}</time>`;

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** How long ago it was, in words. The page's script says it in the same way. */
const formatAge = (time: string): string => {
  const seconds = Math.max(0, (Date.now() - Date.parse(time)) / 1000);
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? [];
  if (unit === undefined || size === undefined) return 'just now';
  return new Intl.RelativeTimeFormat('en', { numeric: 'auto' }).format(-Math.floor(seconds / size), unit);
};
