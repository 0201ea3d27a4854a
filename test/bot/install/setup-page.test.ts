import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { loadRegisteredSettings } from '../../../bot/install/load-registered-settings.ts';
import { readUnregisteredSettings, type BotSettings } from '../../../bot/settings.ts';
import { maskSecrets } from '../../../runtime/log.ts';
import { listen, createWebListener, type RunningServer } from '../../../runtime/http-server.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const webhookSecret = 'a1b2c3d4e5f60718293a4b5c6d7e8f9012345678';

type Answer = { status: number; headers: Record<string, string | string[] | undefined>; text: string };

/** A browser: it keeps a cookie, follows nothing, and can claim any `Host`. */
class Browser {
  cookie = '';
  readonly #port: number;
  readonly #headers: Record<string, string>;
  constructor(port: number, headers: Record<string, string> = {}) {
    this.#port = port;
    this.#headers = headers;
  }

  ask(method: string, path: string, body?: string, more: Record<string, string> = {}): Promise<Answer> {
    const type = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
    const host = `127.0.0.1:${this.#port}`;
    const headers = { host, ...type, ...this.#headers, ...more, cookie: this.cookie };
    return new Promise((resolve, reject) => {
      const asked = request(
        { host: '127.0.0.1', port: this.#port, method, path, headers, agent: false },
        (answer) => {
          const [cookie] = answer.headers['set-cookie'] ?? [];
          if (cookie !== undefined) this.cookie = cookie.split(';')[0] ?? '';
          let text = '';
          answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
        },
      );
      asked.on('error', reject);
      asked.end(body);
    });
  }

  get(path: string): Promise<Answer> {
    return this.ask('GET', path);
  }

  /** Sends a form, as a page of ours does unless `more` says otherwise. */
  post(path: string, fields: Record<string, string>, more: Record<string, string> = {}): Promise<Answer> {
    return this.ask('POST', path, new URLSearchParams(fields).toString(), more);
  }
}

const unescaped = (text: string): string =>
  text.replace(/&#(\d+);/g, (_all, code: string) => String.fromCodePoint(Number(code)));

/** Where the form of a page goes, and the manifest in it. */
const formOf = ({ text }: Answer): { action: URL; manifest: Record<string, unknown> } => {
  const action = /<form method="post" action="([^"]+)"/.exec(text)?.[1] ?? '';
  const manifest = /name="manifest" value="([^"]+)"/.exec(text)?.[1] ?? '{}';
  return {
    action: new URL(unescaped(action)),
    manifest: JSON.parse(unescaped(manifest)) as Record<string, unknown>,
  };
};

/** GitHub as far as the manifest flow goes, the set-up page in front of it, and who visits. */
class Scene {
  folder = '';
  codes = new Map<string, object>();
  conversions: string[] = [];
  logged: string[] = [];
  port = 0;
  settings: Promise<BotSettings | undefined> = Promise.resolve(undefined);
  /** The clock of the token, in milliseconds. */
  now = 0;
  readonly #stop = Promise.withResolvers<void>();
  #gitHub: RunningServer | undefined;

  async open(): Promise<this> {
    this.folder = await mkdtemp(join(tmpdir(), 'coxswain-install-'));
    this.#gitHub = await listen(
      createWebListener(
        async (asked) => this.#convert(asked),
        (error) => console.error(error),
      ),
      { what: 'a stand-in', port: 0 },
    );
    return this;
  }

  #convert(asked: Request): Response {
    const code =
      /^\/api\/v3\/app-manifests\/([^/]+)\/conversions$/.exec(new URL(asked.url).pathname)?.[1] ?? '';
    this.conversions.push(`${asked.method} ${code}`);
    const app = this.codes.get(code);
    this.codes.delete(code);
    return app
      ? Response.json(app, { status: 201 })
      : Response.json({ message: 'Not Found' }, { status: 404 });
  }

  get file(): string {
    return join(this.folder, 'kept', 'app.json');
  }

  get webUrl(): string {
    return this.#gitHub?.url ?? '';
  }

  newCode(code: string, more: object = {}): string {
    this.codes.set(code, {
      id: 4711,
      slug: 'coxswain-acme',
      html_url: `${this.webUrl}/github-apps/coxswain-acme`,
      pem,
      webhook_secret: webhookSecret,
      client_secret: 'never kept',
      ...more,
    });
    return code;
  }

  async start(more: Record<string, string> = {}): Promise<void> {
    const listening = Promise.withResolvers<number>();
    const settings = readUnregisteredSettings({
      COXSWAIN_APP_FILE: this.file,
      GITHUB_API_URL: `${this.webUrl}/api/v3`,
      ORCHESTRATOR_URL: 'http://127.0.0.1:7071',
      ORCHESTRATOR_KEY: 'a key',
      PORT: '0',
      ...more,
    });
    const log = pino({ level: 'debug' }, { write: (line) => void this.logged.push(line) });
    this.settings = loadRegisteredSettings(settings, {
      stop: this.#stop.promise,
      log,
      onListening: listening.resolve,
      now: () => this.now,
    });
    this.port = await Promise.race([listening.promise, this.settings.then(() => 0)]);
  }

  get token(): string {
    return /one-time token ([\w-]+)/.exec(this.logged.join(''))?.[1] ?? 'no token was logged';
  }

  async close(): Promise<void> {
    this.#stop.resolve();
    await this.settings.catch(() => {});
    await this.#gitHub?.close();
    await rm(this.folder, { recursive: true });
  }
}

describe('the set-up page', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await new Scene().open();
  });
  afterEach(() => scene.close());

  /** Goes as far as the form that leads to GitHub. */
  const review = async (browser: Browser, organization = ''): Promise<Answer> => {
    expect((await browser.get('/')).status).toBe(401);
    expect((await browser.post('/setup/token', { token: scene.token })).status).toBe(200);
    return browser.post('/setup/review', { token: scene.token, organization });
  };
  const begin = async (browser: Browser): Promise<string> =>
    formOf(await review(browser)).action.searchParams.get('state') ?? '';
  const callback = (code: string, state: string) =>
    `/setup/callback?${new URLSearchParams({ code, state }).toString()}`;

  test('on this machine: form, GitHub, callback, and the bot goes on with its key', async () => {
    await scene.start();
    const browser = new Browser(scene.port);
    const asked = await browser.get('/');
    expect(asked.status).toBe(401);
    expect(asked.text).not.toContain('Organization that owns the app');
    const opened = await browser.post('/setup/token', { token: scene.token });
    expect(opened.text).toContain('Organization that owns the app');
    const reviewed = await browser.post('/setup/review', { token: scene.token, organization: 'acme' });
    const { action, manifest } = formOf(reviewed);
    expect(action.origin).toBe(scene.webUrl);
    expect(action.pathname).toBe('/organizations/acme/settings/apps/new');
    expect(manifest).toMatchObject({
      public: false,
      redirect_url: `http://127.0.0.1:${scene.port}/setup/callback`,
    });
    expect(manifest).not.toHaveProperty('hook_attributes');
    expect(reviewed.headers['content-security-policy']).toContain(`form-action 'self' ${scene.webUrl};`);

    const done = await browser.get(callback(scene.newCode('c0de'), action.searchParams.get('state') ?? ''));
    expect(done.status).toBe(200);
    expect(done.text).toContain(`href="${scene.webUrl}/github-apps/coxswain-acme/installations/new"`);
    expect((await scene.settings)?.app).toEqual({ id: 4711, privateKey: pem, webhookSecret });
    expect(scene.conversions).toEqual(['POST c0de']);

    expect((await stat(scene.file)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(scene.folder, 'kept'))).toEqual(['app.json']);
    expect(await readFile(scene.file, 'utf8')).not.toContain('never kept');
    const everything = scene.logged.join('') + done.text + reviewed.text;
    for (const secret of [webhookSecret, 'PRIVATE KEY', 'never kept'])
      expect(everything).not.toContain(secret);
    await expect(browser.get('/')).rejects.toThrow('ECONNREFUSED');
  });

  test('a second start needs no page', async () => {
    await scene.start();
    const browser = new Browser(scene.port);
    await browser.get(callback(scene.newCode('c0de'), await begin(browser)));
    await scene.settings;
    await scene.start();
    expect((await scene.settings)?.app.id).toBe(4711);
    expect(scene.port).toBe(0);
  });

  test('a wrong state, none, another browser’s, or one that was used or replaced: no key is asked for', async () => {
    await scene.start();
    const browser = new Browser(scene.port);
    const stranger = new Browser(scene.port);
    const replaced = await begin(browser);
    const state = await begin(browser);
    scene.newCode('c0de');
    // A stranger's try takes nothing from the browser.
    expect((await stranger.get(callback('c0de', state))).status).toBe(403);
    stranger.cookie = `coxswain_setup=${'x'.repeat(43)}`;
    expect((await stranger.get(callback('c0de', state))).status).toBe(403);
    expect((await browser.get(callback('c0de', replaced))).status).toBe(403);
    // That has used up this browser's state.
    expect((await browser.get(callback('c0de', state))).status).toBe(403);
    for (const given of ['', 'x'.repeat(43)]) {
      await begin(browser);
      expect((await browser.get(callback('c0de', given))).status).toBe(403);
    }
    expect(scene.conversions).toEqual([]);
    expect((await browser.get(callback('c0de', await begin(browser)))).status).toBe(200);
  });

  test('a code that GitHub does not take, or an odd answer: it can be begun again', async () => {
    await scene.start();
    const browser = new Browser(scene.port);
    const refused = await browser.get(callback('../../secrets', await begin(browser)));
    expect(refused.status).toBe(502);
    expect(scene.conversions).toEqual([]);
    const unknown = await browser.get(callback('unknown', await begin(browser)));
    expect(unknown.status).toBe(502);
    expect(unknown.text).toContain('status 404');
    const odd = await browser.get(callback(scene.newCode('odd', { pem: 'no key' }), await begin(browser)));
    expect(odd.status).toBe(502);
    expect((await browser.get(callback(scene.newCode('c0de'), await begin(browser)))).status).toBe(200);
  });

  test('an app without a webhook gets a secret of its own; a link elsewhere is not shown', async () => {
    await scene.start();
    const browser = new Browser(scene.port);
    const more = { webhook_secret: null, html_url: 'javascript:alert(1)' };
    const done = await browser.get(callback(scene.newCode('c0de', more), await begin(browser)));
    expect(done.text).not.toContain('javascript:');
    expect((await scene.settings)?.app.webhookSecret).toMatch(/^[0-9a-f]{64}$/);
  });

  const wrongTries = async (count: number): Promise<number[]> => {
    const statuses: number[] = [];
    for (let n = 0; n < count; n += 1) {
      const guesser = new Browser(scene.port);
      statuses.push((await guesser.post('/setup/token', { token: `guess ${n}` })).status);
    }
    return statuses;
  };

  test.each([
    ['on this machine', {}],
    ['by a name that points here', { host: 'evil.example' }],
    ['by localhost', { host: 'localhost' }],
    ['through a proxy', { 'x-forwarded-for': '203.0.113.9' }],
    ['with headers that claim this machine', { 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1' }],
  ])('%s: only with the token, once', async (_what, headers) => {
    await scene.start();
    const visitor = new Browser(scene.port, headers);
    const asked = await visitor.get('/');
    expect(asked.status).toBe(401);
    expect(visitor.cookie).toBe('');
    expect((await visitor.get('/setup/review')).status).toBe(404);
    expect((await visitor.post('/setup/review', { organization: '' })).status).toBe(403);
    expect((await visitor.post('/setup/token', { token: 'a guess' })).status).toBe(403);
    expect((await visitor.post('/setup/token', { token: scene.token })).status).toBe(200);
    const late = new Browser(scene.port, headers);
    for (const path of ['/setup/token', '/setup/review'])
      expect((await late.post(path, { token: scene.token })).status).toBe(403);
    expect((await late.get('/')).status).toBe(401);
    expect(late.cookie).toBe('');
    expect((await visitor.get(callback(scene.newCode('c0de'), await begin(visitor)))).status).toBe(200);
  });

  test.each([{}, { PUBLIC_URL: 'https://bot.example' }])(
    'behind a proxy that names the bot in Host and sends nothing of its own, a stranger has to have the token (%o)',
    async (environment) => {
      await scene.start(environment);
      const proxy = createServer((incoming, outgoing) => {
        const { method, url: path, headers } = incoming;
        const host = `127.0.0.1:${scene.port}`;
        const onward = request(
          { host: '127.0.0.1', port: scene.port, method, path, headers: { ...headers, host }, agent: false },
          (answer) => answer.pipe(outgoing.writeHead(answer.statusCode ?? 0, answer.headers)),
        );
        incoming.pipe(onward);
      });
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      try {
        const { port } = proxy.address() as AddressInfo;
        const stranger = new Browser(port, { host: 'bot.example', origin: 'https://bot.example' });
        expect((await stranger.get('/')).status).toBe(401);
        expect((await stranger.post('/setup/review', { organization: 'evil' })).status).toBe(403);
        expect((await stranger.get(callback(scene.newCode('c0de'), ''))).status).toBe(403);
        expect(stranger.cookie).toBe('');
        expect(scene.conversions).toEqual([]);
        // The operator gets through, and GitHub leads the browser back through the proxy.
        const sameOrigin = { 'sec-fetch-site': 'same-origin' };
        const operator = new Browser(port, {
          host: 'bot.example',
          origin: 'https://bot.example',
          ...sameOrigin,
        });
        const { action, manifest } = formOf(await review(operator));
        expect(manifest['redirect_url']).toBe('https://bot.example/setup/callback');
        const state = action.searchParams.get('state') ?? '';
        expect((await operator.get(callback('c0de', state))).status).toBe(200);
      } finally {
        proxy.closeAllConnections();
        proxy.close();
      }
    },
  );

  test('the token expires after 5 failed attempts by everyone together; page and log say to restart', async () => {
    await scene.start();
    expect(await wrongTries(5)).toEqual([403, 403, 403, 403, 403]);
    const browser = new Browser(scene.port);
    const refused = await browser.post('/setup/token', { token: scene.token });
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('restart the bot');
    expect((await browser.get('/')).text).toContain('restart the bot');
    expect(scene.logged.at(-1)).toContain('restart the bot');
    expect(browser.cookie).toBe('');
  });

  test('4 failed attempts keep the token; after its use, they do not affect its browser', async () => {
    await scene.start();
    await wrongTries(4);
    const browser = new Browser(scene.port);
    const { action } = formOf(await review(browser));
    await wrongTries(10);
    const state = action.searchParams.get('state') ?? '';
    expect((await browser.get(callback(scene.newCode('c0de'), state))).status).toBe(200);
  });

  test('the token expires after 30 minutes, and the browser that used it has an hour more', async () => {
    await scene.start();
    scene.now = 30 * 60_000 - 1;
    const browser = new Browser(scene.port);
    const state = await begin(browser);
    scene.now += 60 * 60_000;
    expect((await browser.get(callback(scene.newCode('c0de'), state))).status).toBe(403);
    expect((await browser.post('/setup/token', { token: scene.token })).status).toBe(403);
    expect(scene.conversions).toEqual([]);
  });

  test('an unused token expires after 30 minutes', async () => {
    await scene.start();
    scene.now = 30 * 60_000;
    const refused = await new Browser(scene.port).post('/setup/token', { token: scene.token });
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('restart the bot');
  });

  test('the cookie alone, which goes to every port of the host, opens nothing', async () => {
    await scene.start();
    const browser = new Browser(scene.port);
    const state = await begin(browser);
    const thief = new Browser(scene.port);
    thief.cookie = browser.cookie;
    expect((await thief.get('/')).text).not.toContain(scene.token);
    expect((await thief.post('/setup/review', {})).status).toBe(403);
    expect((await thief.get(callback(scene.newCode('c0de'), 'a guess'))).status).toBe(403);
    expect(scene.conversions).toEqual([]);
    expect(state).not.toBe('');
  });

  test.each([
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
    [{ origin: 'https://evil.example' }],
    [{ origin: 'null' }],
    [{ origin: 'http://127.0.0.1:1' }],
  ])('a form from another site is refused, and does not count as an attempt (%o)', async (headers) => {
    await scene.start();
    const browser = new Browser(scene.port);
    for (let n = 0; n < 6; n += 1)
      expect((await browser.post('/setup/token', { token: 'a guess' }, headers)).status).toBe(403);
    expect((await browser.post('/setup/token', { token: scene.token }, headers)).status).toBe(403);
    expect((await browser.post('/setup/token', { token: scene.token })).status).toBe(200);
  });

  test('the log has the address and the token separately; no address contains the token', async () => {
    await scene.start();
    const lines = scene.logged.filter((line) => line.includes(scene.token));
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('http');
    expect(scene.logged.join('')).toContain(`open http://127.0.0.1:${scene.port}/ to set it up`);
    const browser = new Browser(scene.port);
    expect((await browser.get(`/?token=${scene.token}`)).status).toBe(401);
    expect((await browser.get(`/setup/token?token=${scene.token}`)).status).toBe(404);
    expect((await browser.ask('POST', `/setup/token?token=${scene.token}`, '')).status).toBe(403);
    expect(formOf(await review(browser)).action.href).not.toContain(scene.token);
  });

  test('once the log has shown the token, it is never printed; nor are the cookie, the state and GitHub’s code', async () => {
    await scene.start();
    expect(maskSecrets(`token: ${scene.token}`)).toBe('token: [redacted]');
    const browser = new Browser(scene.port);
    const state = await begin(browser);
    const cookie = browser.cookie.split('=')[1] ?? '';
    const code = scene.newCode('code-of-a-new-app');
    expect((await browser.get(callback(code, state))).status).toBe(200);
    const secrets = [scene.token, cookie, state, code, webhookSecret];
    expect(secrets.filter((secret) => secret.length < 8)).toEqual([]);
    expect(maskSecrets(secrets.join(' '))).toBe(secrets.map(() => '[redacted]').join(' '));
  });

  test('behind a public address: redirect and webhooks go there, the cookie is secure', async () => {
    await scene.start({ PUBLIC_URL: 'https://bot.example/' });
    const visitor = new Browser(scene.port, { host: 'bot.example' });
    const opened = await visitor.post('/setup/token', { token: scene.token });
    expect(String(opened.headers['set-cookie'])).toContain('; HttpOnly; SameSite=Lax; Secure');
    expect(formOf(await review(visitor)).manifest).toMatchObject({
      redirect_url: 'https://bot.example/setup/callback',
      hook_attributes: { url: 'https://bot.example/api/github/webhooks', active: true },
      default_events: [
        'issue_comment',
        'issues',
        'pull_request',
        'pull_request_review',
        'pull_request_review_comment',
      ],
    });
  });

  test('an organization’s name is a name; nothing else is served; webhooks are to come later', async () => {
    await scene.start();
    const browser = new Browser(scene.port);
    const odd = await review(browser, '"><script>');
    expect(odd.status).toBe(400);
    expect(odd.text).not.toContain('<script');
    expect((await browser.get('/app.json')).status).toBe(404);
    expect((await browser.ask('POST', '/api/github/webhooks', '{}')).status).toBe(503);
    expect((await browser.get('/readyz')).status).toBe(200);
    expect((await browser.ask('POST', '/', '')).status).toBe(405);
    expect((await new Browser(scene.port, { host: 'a b' }).get('/')).status).toBe(400);
  });

  test('a file that is not valid, or of another GitHub, is reported and not replaced', async () => {
    await scene.start();
    const browser = new Browser(scene.port);
    await browser.get(callback(scene.newCode('c0de'), await begin(browser)));
    await scene.settings;
    await expect(scene.start({ GITHUB_HOST: 'ghe.example' })).rejects.toThrow('contains an app of 127.0.0.1');
    await writeFile(scene.file, '{"v":1}');
    await expect(scene.start()).rejects.toThrow('Remove the file to set up the app again');
  });

  test('a bot that is stopped during the set-up gets no settings', async () => {
    await scene.start();
    const { settings } = scene;
    await new Browser(scene.port).get('/');
    await scene.close();
    expect(await settings).toBeUndefined();
    scene = await new Scene().open();
  });
});
