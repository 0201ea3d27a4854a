import { readFileSync } from 'node:fs';

import { buildAvatarSvg } from './avatar.ts';
import { emojiFiles } from './emoji.ts';
import type { PageRoute } from './page-context.ts';

/** Returns the routes of the pages' style sheet, scripts and pictures. */
export const assetRoutes = (): readonly PageRoute[] => [
  assetRoute('/assets/page.css', 'text/css'),
  ...['page', 'job-list', 'job-page', 'live-part'].map((name) =>
    assetRoute(`/assets/${name}.js`, 'text/javascript'),
  ),
  assetRoute('/assets/logo.svg', 'image/svg+xml'),
  ...emojiFiles.map((file) => assetRoute(`/assets/emoji/${file}`, 'image/svg+xml')),
  {
    method: 'GET',
    path: '/avatars/:file',
    handle: ({ parameters }) =>
      fileResponse(
        buildAvatarSvg((parameters['file'] ?? '').replace(/\.svg$/, '')),
        'image/svg+xml',
        'max-age=86400',
      ),
  },
];

const assetRoute = (path: string, type: string): PageRoute => ({
  method: 'GET',
  path,
  handle: () => fileResponse(readFileSync(new URL(`.${path}`, import.meta.url), 'utf8'), type, 'no-cache'),
});

const fileResponse = (content: string, type: string, cacheControl: string): Response =>
  new Response(content, {
    headers: {
      'content-type': `${type}; charset=utf-8`,
      'cache-control': cacheControl,
      'content-security-policy': "default-src 'none'",
      'x-content-type-options': 'nosniff',
    },
  });
