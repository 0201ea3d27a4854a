import { escapeHtml } from './html.ts';

/** Returns an account's picture: its initial, or two oars for a bot, in a color of its own. */
export const buildAvatarSvg = (login: string): string => {
  const isBot = login.endsWith('[bot]');
  const hue = isBot
    ? 212
    : (Array.from(login).reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 360) + 1;
  const serialized = isBot ? '<rect width="40" height="40" rx="9"' : '<circle cx="20" cy="20" r="20"';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40" width="40" height="40">
  <defs><linearGradient id="g" x2="1" y2="1"><stop stop-color="hsl(${hue} 62% 52%)"/><stop offset="1" stop-color="hsl(${hue + 34} 62% 38%)"/></linearGradient></defs>
  ${serialized} fill="url(#g)"/>
  ${isBot ? oar : `<text x="20" y="27" text-anchor="middle" font-family="system-ui,sans-serif" font-size="19" font-weight="600" fill="#fff">${escapeHtml(login.slice(0, 1).toUpperCase())}</text>`}
</svg>`;
};

/** The symbol of the app: two crossed oars. */
const oar = `<g stroke="#fff" stroke-width="2.4" stroke-linecap="round" fill="#fff">
    <path d="M11 29 26 14M29 29 14 14"/><path stroke-width="0" d="M24.6 12.2 28.9 8.6c1.600-1.300 3.800.900 2.500 2.500l-3.600 4.300zM15.400 12.200 11.100 8.600c-1.600-1.300-3.800.900-2.500 2.500l3.600 4.300z"/>
  </g>`;
