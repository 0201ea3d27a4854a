import { markup, type Html } from './html.ts';

/** Renders a time relative to now. The page's script keeps it current. */
export const renderTime = (time: string): Html =>
  markup`<time datetime="${time}" title="${time.replace('T', ' ').replace('Z', ' UTC')}">${formatAge(time)}</time>`;

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** Returns the age of a time in words, in the same format as the page's script. */
const formatAge = (time: string): string => {
  const seconds = Math.max(0, (Date.now() - Date.parse(time)) / 1000);
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? [];
  if (unit === undefined || size === undefined) return 'just now';
  return new Intl.RelativeTimeFormat('en', { numeric: 'auto' }).format(-Math.floor(seconds / size), unit);
};
