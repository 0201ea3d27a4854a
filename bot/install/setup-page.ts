import type { Logger } from '../../runtime/log.ts';
import { ThrottledLog } from '../../runtime/throttled-log.ts';
import { writeAppFile, type RegisteredApp } from './app-file.ts';
import { convertManifest, ManifestConversionError, type NewApp } from './manifest-conversion.ts';
import { buildManifest } from './manifest.ts';
import { getBaseUrl, isCrossSite } from './request-origin.ts';
import {
  renderDonePage,
  renderOwnerPage,
  toPageResponse,
  renderReviewPage,
  renderTokenPage,
  renderProblemPage,
} from './render-page.ts';
import type { SetupToken } from './setup-token.ts';

type SetupPageOptions = {
  /** The URLs of GitHub's API and pages, and its host. */
  gitHub: { apiUrl: string; webUrl: string; host: string };
  /** The URL at which people reach the bot, if it differs from the address on which the bot listens. */
  publicUrl: string | undefined;
  webhook: string | undefined;
  /** The file in which the app is stored. */
  file: string;
  /** The one-time token that opens the page. */
  token: SetupToken;
  log: Logger;
};

const cookieName = 'coxswain_setup';
const organizationName = /^[a-z\d][a-z\d-]{0,38}$/i;

/**
 * The set-up page: GitHub's manifest flow, for a person with the token from the log. Each form sends the token, which is valid only
 * together with the cookie of the browser that used it. The cookie alone is not enough, because browsers send it to every port of a
 * host.
 */
export class SetupPage {
  readonly #options: SetupPageOptions;
  /** Limits the log lines that strangers can cause, because the page is public. */
  readonly #refusals: ThrottledLog;
  /** Whether an app is being fetched, or was fetched. A second one would replace it. */
  #isCompleting = false;
  readonly #registered = Promise.withResolvers<RegisteredApp>();

  constructor(options: SetupPageOptions) {
    this.#options = options;
    this.#refusals = new ThrottledLog(options.log);
  }

  /** Resolves with the app once it is registered and stored. */
  get registered(): Promise<RegisteredApp> {
    return this.#registered.promise;
  }

  /** Handles a request. @param host its `Host` header */
  async handle(request: Request, host: string): Promise<Response> {
    const url = new URL(request.url);
    switch (`${request.method} ${url.pathname}`) {
      case 'GET /':
        return this.#showTokenPage();
      case 'POST /setup/token':
      case 'POST /setup/review':
        return this.#handleForm(request, url.pathname, host);
      case 'GET /setup/callback':
        return this.#handleCallback(url, getSetupCookie(request));
      default:
        return request.method === 'GET'
          ? toProblemPage(404, 'Page not found.')
          : toProblemPage(405, 'This address accepts only GET requests.');
    }
  }

  #showTokenPage(): Response {
    const { token } = this.#options;
    return toPageResponse(401, renderTokenPage(token.isUsable ? undefined : tokenExpiredText));
  }

  /** Handles a form. Every form sends the token; the first one binds it to the browser. */
  async #handleForm(request: Request, path: string, host: string): Promise<Response> {
    const { publicUrl, token } = this.#options;
    if (isCrossSite(request, host, publicUrl)) {
      this.#refusals.warn({}, 'refused a form that another site sent to the set-up page');
      return toProblemPage(
        403,
        'This form was sent from another site. If the bot runs behind a proxy, set PUBLIC_URL.',
      );
    }
    const form = new URLSearchParams(await request.text());
    const redeemed = token.redeem((form.get('token') ?? '').trim(), getSetupCookie(request));
    if (redeemed.outcome !== 'open') return this.#refuseToken(redeemed.outcome);
    const base = getBaseUrl(request, host, publicUrl);
    const answer = path === '/setup/review' ? this.#showReviewPage(form, base) : this.#showOwnerPage(200);
    return setSetupCookie(answer, redeemed.browser, base);
  }

  #refuseToken(outcome: 'wrong' | 'ended'): Response {
    if (outcome === 'wrong') {
      this.#refusals.warn({}, 'refused a wrong token on the set-up page');
      return toPageResponse(403, renderTokenPage('This token is not correct.'));
    }
    this.#refusals.warn(
      {},
      `refused access to the set-up page because its token has expired: ${restartRemedy}`,
    );
    return toPageResponse(403, renderTokenPage(tokenExpiredText));
  }

  #showOwnerPage(status: number, problem?: string): Response {
    const { gitHub, token } = this.#options;
    return toPageResponse(status, renderOwnerPage(gitHub.host, token.text, problem));
  }

  #showReviewPage(form: URLSearchParams, page: string): Response {
    const { gitHub, webhook, file, token } = this.#options;
    const organization = (form.get('organization') ?? '').trim();
    if (organization !== '' && !organizationName.test(organization)) {
      return this.#showOwnerPage(400, 'This is not the name of an organization.');
    }
    const under = organization === '' ? '' : `/organizations/${organization}`;
    const state = token.createState();
    const body = renderReviewPage({
      action: `${gitHub.webUrl}${under}/settings/apps/new?state=${state}`,
      manifest: buildManifest({ page, webhook }),
      owner: organization === '' ? 'your own account' : organization,
      gitHub: gitHub.host,
      webhook,
      file,
      token: token.text,
    });
    return toPageResponse(200, body, gitHub.webUrl);
  }

  async #handleCallback(url: URL, browser: string | undefined): Promise<Response> {
    const { gitHub, token, log } = this.#options;
    if (!token.redeemState(browser, url.searchParams.get('state') ?? '')) {
      this.#refusals.warn(
        {},
        'refused a callback from GitHub: its state is wrong or was already used, or it came from another browser',
      );
      return toProblemPage(
        403,
        'This callback from GitHub belongs to another set-up or browser, or was already used.',
        token.isFromOwner(browser) ? token.text : undefined,
      );
    }
    if (this.#isCompleting)
      return toProblemPage(409, 'The set-up is already being completed in this browser.');
    this.#isCompleting = true;
    try {
      const app = await convertManifest(gitHub.apiUrl, url.searchParams.get('code') ?? '');
      await this.#saveApp(app);
      return toPageResponse(200, renderDonePage(app.slug, this.#getInstallUrl(app)));
    } catch (error) {
      this.#isCompleting = false;
      if (!(error instanceof ManifestConversionError)) throw error;
      log.warn({ err: error }, 'GitHub did not return the app');
      return toProblemPage(502, error.message, token.text);
    }
  }

  async #saveApp({ id, slug, privateKey, webhookSecret }: NewApp): Promise<void> {
    const { file, gitHub, log } = this.#options;
    const app = { host: gitHub.host, id, slug, privateKey, webhookSecret };
    await writeAppFile(file, app);
    log.info({ app: slug, file }, 'the bot is registered as a GitHub App');
    this.#registered.resolve(app);
  }

  /** Returns the page on which the app is installed. It must be on the configured GitHub. */
  #getInstallUrl({ page }: NewApp): string {
    const { webUrl } = this.#options.gitHub;
    return new URL(page).origin === new URL(webUrl).origin ? `${page}/installations/new` : webUrl;
  }
}

const restartRemedy = 'restart the bot and use the new token from its log';
const tokenExpiredText = `The token has expired: it was used, it is older than 30 minutes, or there were 5 failed attempts. To continue, ${restartRemedy}.`;

/** @param token lets the browser start again; only for the browser that used it */
const toProblemPage = (status: number, what: string, token?: string): Response =>
  toPageResponse(status, renderProblemPage(what, token));

const getSetupCookie = (request: Request): string | undefined =>
  (request.headers.get('cookie') ?? '')
    .split('; ')
    .find((cookie) => cookie.startsWith(`${cookieName}=`))
    ?.slice(cookieName.length + 1);

/** Sets the cookie of the set-up page. It is `SameSite=Lax` because GitHub redirects back from another site, where browsers omit a strict cookie. */
const setSetupCookie = (answer: Response, browser: string, base: string): Response => {
  const secure = base.startsWith('https:') ? '; Secure' : '';
  answer.headers.set('set-cookie', `${cookieName}=${browser}; Path=/setup; HttpOnly; SameSite=Lax${secure}`);
  return answer;
};
