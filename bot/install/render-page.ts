import { createHash } from 'node:crypto';
import { subscribedEvents, requiredPermissions } from './manifest.ts';

const style = `
:root { color-scheme: light dark; --line: #d0d7de; --soft: #59636e; --accent: #1a7f64; }
@media (prefers-color-scheme: dark) { :root { --line: #3d444d; --soft: #9198a1; --accent: #2f9e7f; } }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 34rem; margin: 10vh auto; padding: 0 1.25rem; }
h1 { margin: 0 0 .25rem; font-size: 1.6rem; }
p, ul { margin: .75rem 0; }
ul { padding-left: 1.25rem; }
label { display: block; margin-top: 1.25rem; font-weight: 600; }
input { width: 100%; margin-top: .35rem; padding: .55rem .7rem; font: inherit; color: inherit; background: none;
  border: 1px solid var(--line); border-radius: .4rem; }
button, .button { display: inline-block; margin-top: 1.25rem; padding: .55rem 1.1rem; font: inherit; font-weight: 600;
  color: #fff; background: var(--accent); border: 0; border-radius: .4rem; text-decoration: none; cursor: pointer; }
button.plain { padding: 0; color: inherit; background: none; font-weight: 400; text-decoration: underline; }
:focus-visible { outline: 3px solid color-mix(in srgb, var(--accent) 50%, transparent); outline-offset: 2px; }
table { width: 100%; margin: 1rem 0; border-collapse: collapse; }
th, td { padding: .4rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; font-weight: 400; }
th { width: 9rem; color: var(--soft); }
code { overflow-wrap: anywhere; font-size: .9em; }
.soft { color: var(--soft); font-size: .9rem; }
.wrong { padding: .6rem .8rem; border-left: 4px solid #cf222e; }
`;

const styleHash = createHash('sha256').update(style).digest('base64');

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);

/** Returns a page as a response. `formTarget`: the only other origin to which its form may be sent. */
export const toPageResponse = (status: number, body: string, formTarget = ''): Response => {
  const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Set up Coxswain</title><style>${style}</style></head>
<body><main>${body}</main></body>
</html>
`;
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    `form-action 'self' ${formTarget}`.trimEnd(),
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ];
  return new Response(html, {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy.join('; '),
      'cache-control': 'no-store',
      // With a stricter policy, browsers omit `Origin` from our own forms.
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    },
  });
};

const renderProblem = (problem: string | undefined): string =>
  problem === undefined ? '' : `<p class="wrong" role="alert">${escapeHtml(problem)}</p>`;

/** Passes the token on to the next form. */
const renderTokenField = (token: string): string =>
  `<input type="hidden" name="token" value="${escapeHtml(token)}">`;

/** Asks for the token from the log. */
export const renderTokenPage = (problem?: string): string => `
<h1>Set up Coxswain</h1>
<p>Enter the one-time token that this bot wrote to its log when it started.</p>
${renderProblem(problem)}
<form method="post" action="/setup/token">
<label for="token">One-time token</label>
<input id="token" name="token" type="password" required autofocus autocomplete="off" spellcheck="false">
<button>Continue</button>
</form>`;

/** Asks for the owner of the app. */
export const renderOwnerPage = (gitHub: string, token: string, problem?: string): string => `
<h1>Set up Coxswain</h1>
<p>Register this bot as a GitHub App. It takes about two minutes: ${escapeHtml(gitHub)} asks you for a name, creates the app, and sends
its key only to this bot.</p>
${renderProblem(problem)}
<form method="post" action="/setup/review">
${renderTokenField(token)}
<label for="organization">Organization that owns the app</label>
<input id="organization" name="organization" placeholder="empty: your own account" autofocus autocomplete="off" spellcheck="false">
<p class="soft">You must be an owner of it, and signed in to ${escapeHtml(gitHub)}.</p>
<button>Continue</button>
</form>`;

type ReviewPage = {
  /** The URL to which the manifest is sent. */
  action: string;
  manifest: object;
  owner: string;
  gitHub: string;
  webhook: string | undefined;
  /** The file in which the key will be stored. */
  file: string;
  token: string;
};

/** Shows the settings of the new app, and sends them to GitHub. */
export const renderReviewPage = ({
  action,
  manifest,
  owner,
  gitHub,
  webhook,
  file,
  token,
}: ReviewPage): string => `
<h1>Review the app</h1>
<table>
${renderRow('Owner', escapeHtml(owner))}
${renderRow('Permissions', formatPermissions(requiredPermissions).map(escapeHtml).join('<br>'))}
${renderRow('Events', webhook === undefined ? 'none' : subscribedEvents.map((name) => `<code>${name}</code>`).join(' '))}
${renderRow('Webhooks to', webhook === undefined ? noWebhookText : `<code>${escapeHtml(webhook)}</code>`)}
${renderRow('Key stored in', `<code>${escapeHtml(file)}</code>`)}
</table>
<form method="post" action="${escapeHtml(action)}">
<input type="hidden" name="manifest" value="${escapeHtml(JSON.stringify(manifest))}">
<button autofocus>Create it on ${escapeHtml(gitHub)}</button>
</form>
${renderRestartForm(token, 'Back')}`;

const noWebhookText =
  'nowhere: the bot polls for new comments every few minutes. To receive them at once, start it with <code>PUBLIC_URL</code>.';

const renderRow = (head: string, cell: string): string =>
  `<tr><th scope="row">${head}</th><td>${cell}</td></tr>`;

const formatPermissions = (rights: Record<string, string>): string[] =>
  Object.entries(rights).map(([name, level]) => `${name.replace('_', ' ')}: ${level}`);

/** Shows that the set-up is complete, and the next step. */
export const renderDonePage = (slug: string, installUrl: string): string => `
<h1>Coxswain is set up</h1>
<p>The bot is now the GitHub App <code>${escapeHtml(slug)}</code>, and this page is closed. Next, choose the repositories
where it answers commands. Then comment <code>/help</code> on an issue there.</p>
<a class="button" href="${escapeHtml(installUrl)}">Install it on repositories</a>`;

/** Shows a problem, and how to continue. @param token only for the browser that used it */
export const renderProblemPage = (problem: string, token?: string): string => `
<h1>Something went wrong</h1>
${renderProblem(problem)}
${token === undefined ? '<p><a href="/">Start again</a></p>' : renderRestartForm(token, 'Start again')}`;

/** Returns a button that leads back to the first form. */
const renderRestartForm = (token: string, label: string): string => `
<form method="post" action="/setup/token">${renderTokenField(token)}<button class="plain">${label}</button></form>`;
