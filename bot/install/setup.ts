import type { Logger } from '../../runtime/log.ts';
import { writeApp, type RegisteredApp } from './app-file.ts';
import { convert, NoConversion, type NewApp } from './conversion.ts';
import { manifestOf } from './manifest.ts';
import { donePage, ownerPage, pageAnswer, reviewPage, tokenPage, wrongPage } from './page.ts';
import { Sessions } from './sessions.ts';
import type { Visitor } from './visitor.ts';

export type SetupOptions = {
  /** Where GitHub is for programs and for people, and its host. */
  gitHub: { apiUrl: string; webUrl: string; host: string };
  /** Where people reach the bot, if that is not where it listens. */
  publicUrl: string | undefined;
  webhook: string | undefined;
  /** Where the app is kept. */
  file: string;
  /** Opens the page once for somebody who is not at this machine. */
  token: string;
  log: Logger;
};

const cookieName = 'coxswain_setup';
const organizationName = /^[a-z\d][a-z\d-]{0,38}$/i;

/** The set-up page: GitHub's manifest flow, for whoever sits at this machine, or has the token from the log. */
export class Setup {
  readonly #options: SetupOptions;
  readonly #sessions: Sessions;
  /** GitHub is being asked for an app, or has given it: a second one would take its place. */
  #isTaken = false;
  readonly #registered = Promise.withResolvers<RegisteredApp>();

  constructor(options: SetupOptions) {
    this.#options = options;
    this.#sessions = new Sessions(options.token);
  }

  /** Resolves with the app once it is registered and kept. */
  get registered(): Promise<RegisteredApp> {
    return this.#registered.promise;
  }

  async answer(request: Request, visitor: Visitor): Promise<Response> {
    const url = new URL(request.url);
    const base = this.#baseOf(visitor);
    const session = sessionOf(request);
    if (`${request.method} ${url.pathname}` === 'POST /setup/token') return this.#redeem(request, base);
    if (request.method !== 'GET') return wrong(405, 'This address is only for reading.');
    if (!this.#sessions.has(session)) return this.#welcome(url, visitor, base);
    switch (url.pathname) {
      case '/':
        return this.#owner(200);
      case '/setup/review':
        return this.#review(url, session, base);
      case '/setup/callback':
        return this.#finish(url, session);
      default:
        return wrong(404, 'There is nothing here.');
    }
  }

  /** Who sits at this machine comes back to the address that their browser knows; others to the public one. */
  #baseOf({ host, isLocal }: Visitor): string {
    const { publicUrl } = this.#options;
    return isLocal || publicUrl === undefined ? `http://${host}` : publicUrl;
  }

  #welcome(url: URL, { isLocal }: Visitor, base: string): Response {
    if (url.pathname !== '/') return wrong(403, 'This browser is not in the middle of a set-up.');
    if (!isLocal) return pageAnswer(401, tokenPage());
    return withSession(this.#owner(200), this.#sessions.open(), base);
  }

  async #redeem(request: Request, base: string): Promise<Response> {
    const token = new URLSearchParams(await request.text()).get('token') ?? '';
    const session = this.#sessions.redeem(token.trim());
    if (session !== undefined)
      return withSession(new Response(null, { status: 303, headers: { location: '/' } }), session, base);
    this.#options.log.warn('somebody tried to open the set-up page with a wrong or used token');
    return pageAnswer(
      403,
      tokenPage('This is not the token, or it was used. A restart of the bot gives a new one.'),
    );
  }

  #owner(status: number, problem?: string): Response {
    return pageAnswer(status, ownerPage(this.#options.gitHub.host, problem));
  }

  #review(url: URL, session: string, page: string): Response {
    const { gitHub, webhook, file } = this.#options;
    const organization = (url.searchParams.get('organization') ?? '').trim();
    if (organization !== '' && !organizationName.test(organization)) {
      return this.#owner(400, 'This is not the name of an organization.');
    }
    const under = organization === '' ? '' : `/organizations/${organization}`;
    const state = this.#sessions.begin(session);
    const body = reviewPage({
      action: `${gitHub.webUrl}${under}/settings/apps/new?state=${state}`,
      manifest: manifestOf({ page, webhook }),
      owner: organization === '' ? 'your own account' : organization,
      gitHub: gitHub.host,
      webhook,
      file,
    });
    return pageAnswer(200, body, gitHub.webUrl);
  }

  async #finish(url: URL, session: string): Promise<Response> {
    const { gitHub, log } = this.#options;
    if (!this.#sessions.finish(session, url.searchParams.get('state') ?? '')) {
      log.warn('the set-up was called back with a wrong or used state');
      return wrong(403, 'GitHub was sent here from another set-up, or this one was called back before.');
    }
    if (this.#isTaken) return wrong(409, 'Somebody else is just finishing the set-up.');
    this.#isTaken = true;
    try {
      const app = await convert(gitHub.apiUrl, url.searchParams.get('code') ?? '');
      await this.#keep(app);
      return pageAnswer(200, donePage(app.slug, this.#installUrl(app)));
    } catch (error) {
      this.#isTaken = false;
      if (!(error instanceof NoConversion)) throw error;
      log.warn({ err: error }, 'GitHub did not hand over the app');
      return wrong(502, error.message);
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

const wrong = (status: number, what: string): Response => pageAnswer(status, wrongPage(what));

const sessionOf = (request: Request): string | undefined =>
  (request.headers.get('cookie') ?? '')
    .split('; ')
    .find((cookie) => cookie.startsWith(`${cookieName}=`))
    ?.slice(cookieName.length + 1);

/** GitHub sends the browser back from elsewhere, which a stricter `SameSite` would not count as the same session. */
const withSession = (answer: Response, session: string, base: string): Response => {
  const secure = base.startsWith('https:') ? '; Secure' : '';
  answer.headers.set('set-cookie', `${cookieName}=${session}; Path=/; HttpOnly; SameSite=Lax${secure}`);
  return answer;
};
