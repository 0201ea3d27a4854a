import { repositoryName } from '../accounts.ts';
import { markup, type Html } from './html.ts';

/** Pages load from and send to the emulator only, and no script or style in a text is executed. */
const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The page that shows and edits the policy. */
const policyPage = `/${repositoryName}/blob/main/.github/coxswain.yml`;

/** Returns a complete page. */
export const pageResponse = (title: string, main: Html, status = 200): Response =>
  htmlResponse(renderDocument(title, main), status);

/** Returns a fragment of HTML, under the same content security policy. */
export const htmlResponse = (content: Html, status = 200): Response =>
  new Response(content.text, {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cache-control': 'no-store',
    },
  });

const renderDocument = (title: string, main: Html): Html => markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ${repositoryName}</title>
<link rel="icon" href="/avatars/sandbox%5Bbot%5D.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/page.css">
<script type="module" src="/assets/page.js"></script>
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="top">
  <nav aria-label="Repository"><a href="/${repositoryName}/issues">${repositoryName.replace('/', ' / ')}</a> <span class="badge">Private</span>
  <a class="plain" href="/${repositoryName}/issues">Issues</a> <a class="plain" href="${policyPage}">Policy</a></nav>
  <span class="note">Embedded GitHub. Nothing leaves this machine.</span>
</header>
<main id="main">${main}</main>
</body>
</html>
`;
