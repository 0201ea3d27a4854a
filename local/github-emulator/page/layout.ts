import { repositoryName } from '../accounts.ts';
import { showEmoji } from './emoji.ts';
import { markup, type Html } from './html.ts';

/** What is the same on all pages of an emulator. */
export type Site = {
  /** Whether the pages can show jobs. */
  hasJobs: boolean;
  /** The origin from which texts may show pictures, such as `http://127.0.0.1:7074`; null: none. */
  pictureOrigin: string | null;
};

/** A page without its frame. */
export type PageContent = { title: string; main: Html; status: number };

export const createPage = (title: string, main: Html, status = 200): PageContent => ({ title, main, status });

const productName = 'Coxswain';

/** Pages load from and send to the emulator only, except pictures, and no script or style in a text is executed. */
const buildPolicy = ({ pictureOrigin }: Pick<Site, 'pictureOrigin'>): string =>
  [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "connect-src 'self'",
    `img-src 'self'${pictureOrigin === null ? '' : ` ${pictureOrigin}`}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/** Returns a complete page. */
export const pageResponse = ({ title, main, status }: PageContent, site: Site): Response =>
  htmlResponse(renderDocument(title, main, site), { status, site });

/** Returns HTML: a page, or a fragment for the page's script. */
export const htmlResponse = (
  content: Html,
  {
    status = 200,
    site = { pictureOrigin: null },
  }: { status?: number; site?: Pick<Site, 'pictureOrigin'> } = {},
): Response =>
  new Response(showEmoji(content.text), {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': buildPolicy(site),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cache-control': 'no-store',
    },
  });

const repositoryPath = `/${repositoryName}`;

const renderDocument = (title: string, main: Html, { hasJobs }: Site): Html => markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ${repositoryName} · ${productName}</title>
<link rel="icon" href="/assets/logo.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/page.css">
<script type="module" src="/assets/page.js"></script>
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="top">
  <a class="brand" href="/"><img src="/assets/logo.svg" alt="" width="28" height="28"> ${productName}</a>
  <nav aria-label="Repository"><a class="repository" href="${repositoryPath}/issues">${repositoryName.replace('/', ' / ')}</a> <span class="badge">Private</span>
  <span class="links"><a href="${repositoryPath}/issues">Issues</a> ${hasJobs && markup`<a href="${repositoryPath}/jobs">Jobs</a> `}<a href="${repositoryPath}/tree/main">Files</a> <a href="${repositoryPath}/blob/main/.github/coxswain.yml">Policy</a></span></nav>
  <span class="note">Embedded GitHub. Nothing leaves this machine.</span>
</header>
<main id="main">${main}</main>
</body>
</html>
`;
