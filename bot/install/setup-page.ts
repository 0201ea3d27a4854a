import type { Logger } from '../../runtime/log.ts';
import { ThrottledLog } from '../../runtime/throttled-log.ts';
import { writeApp, type RegisteredApp } from './app-file.ts';
import { convert, NoConversion, type NewApp } from './manifest-conversion.ts';
import { manifestOf } from './manifest.ts';
import { baseOf, isCrossSite } from './request-origin.ts';
import { donePage, ownerPage, pageAnswer, reviewPage, tokenPage, wrongPage } from './render-page.ts';
import type { SetupToken } from './setup-token.ts';

export type SetupOptions = {
  /** Where GitHub is for programs and for people, and its host. */
  gitHub: { apiUrl: string; webUrl: string; host: string };
  /** Where people reach the bot, if that is not where it listens. */
  publicUrl: string | undefined;
  webhook: string | undefined;
  /** Where the app is kept. */
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
export class Setup {
  readonly #options: SetupOptions;
  /** For what strangers cause: the page is public. */
  readonly #refusals: ThrottledLog;
  /** GitHub is being asked for an app, or has given it: a second one would take its place. */
  #isTaken = false;
  readonly #registered = Promise.withResolvers<RegisteredApp>();

  constructor(options: SetupOptions) {
    this.#options = options;
    this.#refusals = new ThrottledLog(options.log);
  }

  /** Resolves with the app once it is registered and kept. */
  get registered(): Promise<RegisteredApp> {
    return this.#registered.promise;
  }

  /** Handles a request. @param host its `Host` header */
  async answer(request: Request, host: string): Promise<Response> {
    const url = new URL(request.url);
    switch (`${request.method} ${url.pathname}`) {
      case 'GET /':
        return this.#welcome();
      case 'POST /setup/token':
      case 'POST /setup/review':
        return this.#takeForm(request, url.pathname, host);
      case 'GET /setup/callback':
        return this.#finish(url, cookieOf(request));
      default:
        return request.method === 'GET'
          ? wrong(404, 'Page not found.')
          : wrong(405, 'This address accepts only GET requests.');
    }
  }

  #welcome(): Response {
    const { token } = this.#options;
    return pageAnswer(401, tokenPage(token.isUsable ? undefined : tokenEnded));
  }

  /** Handles a form. Every form sends the token; the first one binds it to the browser. */
  async #takeForm(request: Request, path: string, host: string): Promise<Response> {
    const { publicUrl, token } = this.#options;
    if (isCrossSite(request, host, publicUrl)) {
      this.#refusals.warn({}, 'refused a form that another site sent to the set-up page');
      return wrong(
        403,
        'This form was sent from another site. If the bot runs behind a proxy, set PUBLIC_URL.',
      );
    }
    const form = new URLSearchParams(await request.text());
    const redeemed = token.redeem((form.get('token') ?? '').trim(), cookieOf(request));
    if (redeemed.outcome !== 'open') return this.#refuse(redeemed.outcome);
    const base = baseOf(request, host, publicUrl);
    const answer = path === '/setup/review' ? this.#review(form, base) : this.#owner(200);
    return withCookie(answer, redeemed.browser, base);
  }

  #refuse(outcome: 'wrong' | 'ended'): Response {
    if (outcome === 'wrong') {
      this.#refusals.warn({}, 'refused a wrong token on the set-up page');
      return pageAnswer(403, tokenPage('This token is not correct.'));
    }
    this.#refusals.warn({}, `refused access to the set-up page because its token has expired: ${restart}`);
    return pageAnswer(403, tokenPage(tokenEnded));
  }

  #owner(status: number, problem?: string): Response {
    const { gitHub, token } = this.#options;
    return pageAnswer(status, ownerPage(gitHub.host, token.text, problem));
  }

  #review(form: URLSearchParams, page: string): Response {
    const { gitHub, webhook, file, token } = this.#options;
    const organization = (form.get('organization') ?? '').trim();
    if (organization !== '' && !organizationName.test(organization)) {
      return this.#owner(400, 'This is not the name of an organization.');
    }
    const under = organization === '' ? '' : `/organizations/${organization}`;
    const state = token.begin();
    const body = reviewPage({
      action: `${gitHub.webUrl}${under}/settings/apps/new?state=${state}`,
      manifest: manifestOf({ page, webhook }),
      owner: organization === '' ? 'your own account' : organization,
      gitHub: gitHub.host,
      webhook,
      file,
      token: token.text,
    });
    return pageAnswer(200, body, gitHub.webUrl);
  }

  async #finish(url: URL, browser: string | undefined): Promise<Response> {
    const { gitHub, token, log } = this.#options;
    if (!token.finish(browser, url.searchParams.get('state') ?? '')) {
      this.#refusals.warn(
        {},
        'refused a callback from GitHub: its state is wrong or was already used, or it came from another browser',
      );
      return wrong(
        403,
        'This callback from GitHub belongs to another set-up or browser, or was already used.',
        token.isFrom(browser) ? token.text : undefined,
      );
    }
    if (this.#isTaken) return wrong(409, 'The set-up is already being completed in this browser.');
    this.#isTaken = true;
    try {
      const app = await convert(gitHub.apiUrl, url.searchParams.get('code') ?? '');
      await this.#keep(app);
      return pageAnswer(200, donePage(app.slug, this.#installUrl(app)));
    } catch (error) {
      this.#isTaken = false;
      if (!(error instanceof NoConversion)) throw error;
      log.warn({ err: error }, 'GitHub did not hand over the app');
      return wrong(502, error.message, token.text);
    }
  }

  async #keep({ id, slug, privateKey, webhookSecret }: NewApp): Promise<void> {
    const { file, gitHub, log } = this.#options;
    const app = { host: gitHub.host, id, slug, privateKey, webhookSecret };
    await writeApp(file, app);
    log.info({ app: slug, file }, 'the bot is registered as a GitHub App');
    this.#registered.resolve(app);
  }

  /** Only a page of the GitHub that we know is linked to. */
  #installUrl({ page }: NewApp): string {
    const { webUrl } = this.#options.gitHub;
    return new URL(page).origin === new URL(webUrl).origin ? `${page}/installations/new` : webUrl;
  }
}

const restart = 'restart the bot and use the new token from its log';
const tokenEnded = `The token has expired: it was used, it is older than 30 minutes, or there were 5 failed attempts. To continue, ${restart}.`;

/** @param token lets the browser start again; only for the browser that used it */
const wrong = (status: number, what: string, token?: string): Response =>
  pageAnswer(status, wrongPage(what, token));

const cookieOf = (request: Request): string | undefined =>
  (request.headers.get('cookie') ?? '')
    .split('; ')
    .find((cookie) => cookie.startsWith(`${cookieName}=`))
    ?.slice(cookieName.length + 1);

/** The cookie is `SameSite=Lax` because GitHub redirects back from another site, where browsers omit a strict cookie. */
const withCookie = (answer: Response, browser: string, base: string): Response => {
  const secure = base.startsWith('https:') ? '; Secure' : '';
  answer.headers.set('set-cookie', `${cookieName}=${browser}; Path=/setup; HttpOnly; SameSite=Lax${secure}`);
  return answer;
};
