import type { RequestListener } from 'node:http';
import type { Logger } from '../../runtime/log.ts';
import { listen, createWebListener } from '../../runtime/http-server.ts';
import { sendResponse, type RawResponse } from '../../runtime/http/send-response.ts';
import { systemClock } from '../../runtime/async/clock.ts';
import { Uploads } from '../../runtime/http/uploads.ts';
import { withTimeout } from '../../runtime/async/timeout.ts';
import { webhooksPath } from '../server/http-server.ts';
import type { BotSettings, UnregisteredSettings } from '../settings.ts';
import { prepareAppFolder, readAppFile, type RegisteredApp } from './app-file.ts';
import { SetupToken } from './setup-token.ts';
import { SetupPage } from './setup-page.ts';

const lastPageTimeoutMilliseconds = 2_000;
/** A form contains a token and the name of an organization. */
const maxFormBytes = 16 * 1024;
const uploadBounds = { maxTotalBytes: 64 * maxFormBytes, maxUploads: 64 };

type SetupRun = {
  /** Resolves when the bot must stop. */
  stop: Promise<unknown>;
  log: Logger;
  /** Called with the port of the set-up page. */
  onListening?: (port: number) => void;
  /** The clock of the one-time token, in milliseconds; for tests. */
  now?: () => number;
};

/**
 * Returns the settings of a bot whose environment has no GitHub App: with the app from the file, or with one that someone registers
 * now on the set-up page, which is all that the bot serves until then. Undefined if the bot stops first.
 * @throws SettingsError, PortInUseError
 */
export const loadRegisteredSettings = async (
  { appFile, ...settings }: UnregisteredSettings,
  run: SetupRun,
): Promise<BotSettings | undefined> => {
  const known = await readAppFile(appFile, settings.github.host);
  const app = known ?? (await runSetupPage({ ...settings, appFile }, run));
  if (!app) return undefined;
  const { id, privateKey, webhookSecret } = app;
  return { ...settings, app: { id, privateKey, webhookSecret } };
};

const runSetupPage = async (
  settings: UnregisteredSettings,
  { stop, log, onListening, now }: SetupRun,
): Promise<RegisteredApp | undefined> => {
  const { appFile: file, publicUrl, webhookProxy, github } = settings;
  await prepareAppFolder(file);
  const token = new SetupToken(now);
  const webhook = webhookProxy ?? (publicUrl === undefined ? undefined : `${publicUrl}${webhooksPath}`);
  const setup = new SetupPage({ gitHub: github, publicUrl, webhook, file, token, log });
  const { listener, idle } = createSetupListener(setup, log);
  const served = await listen(listener, { what: 'the bot', ...settings.listen });
  onListening?.(served.port);
  log.warn(`the bot is not registered as a GitHub App: open ${publicUrl ?? served.url}/ to set it up`);
  log.warn(
    `the set-up page requires the one-time token ${token.text} - it expires after one use, 30 minutes, or 5 failed attempts; ` +
      'restart the bot to get a new one',
  );
  token.maskFromNowOn();
  const app = await Promise.race([setup.registered, stop.then(() => undefined)]);
  // Wait for the last page, but not for other slow requests.
  if (app)
    await withTimeout(
      lastPageTimeoutMilliseconds,
      idle(),
      'a request to the set-up page did not end in time',
    ).catch(() => {});
  await served.close();
  return app;
};

const createSetupListener = (
  setup: SetupPage,
  log: Logger,
): { listener: RequestListener; idle: () => Promise<unknown> } => {
  const onFault = (err: unknown) => log.error({ err }, 'the set-up page failed');
  const open = new Set<Promise<void>>();
  const bodies = { maxBodyBytes: maxFormBytes, uploads: new Uploads(uploadBounds) };
  const listener: RequestListener = (request, response) => {
    const closed = new Promise<void>((resolve) => response.once('close', resolve));
    open.add(closed);
    void closed.then(() => open.delete(closed));
    const [path = '/'] = (request.url ?? '/').split('?');
    const status = getProbeStatus(path);
    const { host = 'localhost' } = request.headers;
    if (status !== undefined)
      void sendResponse(request, response, toNotReadyAnswer(status), { clock: systemClock });
    else
      createWebListener((webRequest) => setup.handle(webRequest, host), onFault, bodies)(request, response);
  };
  return { listener, idle: () => Promise.all(open) };
};

const toNotReadyAnswer = (status: number): RawResponse => ({
  status,
  headers: [],
  body: Buffer.from('not set up yet\n'),
});

/** Returns the status for probes, and for webhooks, which GitHub must deliver again later. */
const getProbeStatus = (path: string): number | undefined => {
  if (path === '/healthz' || path === '/readyz') return 200;
  return path === webhooksPath ? 503 : undefined;
};
