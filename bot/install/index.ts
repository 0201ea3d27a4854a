import type { RequestListener } from 'node:http';
import { SettingsError } from '../../runtime/environment.ts';
import type { Logger } from '../../runtime/log.ts';
import { listen, webListener } from '../../runtime/serve.ts';
import { within } from '../patience.ts';
import { webhooksPath } from '../server/listener.ts';
import type { BotSettings, UnregisteredSettings } from '../settings.ts';
import { prepareFolder, readApp, type RegisteredApp } from './app-file.ts';
import { oneTimeToken } from './sessions.ts';
import { Setup } from './setup.ts';
import { visitorOf } from './visitor.ts';

const lastPageMilliseconds = 2_000;

/**
 * The settings of a bot whose environment names no GitHub App: those of the app that was registered before, or else of the one
 * that somebody registers now, on a page that is all the bot shows until then. Undefined if the bot is to stop first.
 * @throws SettingsError, PortInUse
 */
export const registeredSettings = async (
  { appFile, ...settings }: UnregisteredSettings,
  stop: Promise<unknown>,
  log: Logger,
  onListening: (port: number) => void = () => {},
): Promise<BotSettings | undefined> => {
  const app = (await readApp(appFile)) ?? (await register({ ...settings, appFile }, stop, log, onListening));
  if (!app) return undefined;
  if (app.host !== settings.github.host) {
    throw new SettingsError(
      `${appFile} holds an app of ${app.host}, and the bot is set to ${settings.github.host}.`,
    );
  }
  const { id, privateKey, webhookSecret } = app;
  return { ...settings, app: { id, privateKey, webhookSecret } };
};

const register = async (
  settings: UnregisteredSettings,
  stop: Promise<unknown>,
  log: Logger,
  onListening: (port: number) => void,
): Promise<RegisteredApp | undefined> => {
  const { appFile: file, publicUrl, webhookProxy, github } = settings;
  await prepareFolder(file);
  const token = oneTimeToken();
  const webhook = webhookProxy ?? (publicUrl === undefined ? undefined : `${publicUrl}${webhooksPath}`);
  const setup = new Setup({ gitHub: github, publicUrl, webhook, file, token, log });
  const { listener, idle } = setupListener(setup, log);
  const served = await listen(listener, { what: 'the bot', ...settings.listen });
  onListening(served.port);
  log.warn(
    `the bot is no GitHub App yet: open ${publicUrl ?? served.url}/ to set it up; ` +
      `from elsewhere than this machine it asks for the one-time token ${token}`,
  );
  const app = await Promise.race([setup.registered, stop.then(() => undefined)]);
  // The last page is still on its way; whoever dawdles over another one does not matter.
  if (app) await within(lastPageMilliseconds, idle(), 'a visitor dawdles').catch(() => {});
  await served.close();
  return app;
};

const setupListener = (
  setup: Setup,
  log: Logger,
): { listener: RequestListener; idle: () => Promise<unknown> } => {
  const onFault = (err: unknown) => log.error({ err }, 'the set-up page failed');
  const open = new Set<Promise<void>>();
  const listener: RequestListener = (request, response) => {
    const closed = new Promise<void>((resolve) => response.once('close', resolve));
    open.add(closed);
    void closed.then(() => open.delete(closed));
    const [path = '/'] = (request.url ?? '/').split('?');
    const status = plainStatus(path);
    const visitor = visitorOf(request);
    if (status !== undefined) response.writeHead(status).end('not set up yet\n');
    else if (!visitor) response.writeHead(400).end('the Host header is wrong\n');
    else webListener((asked) => setup.answer(asked, visitor), onFault)(request, response);
  };
  return { listener, idle: () => Promise.all(open) };
};

/** What programs ask for; GitHub may already deliver, and is to try again later. */
const plainStatus = (path: string): number | undefined => {
  if (path === '/healthz' || path === '/readyz') return 200;
  return path === webhooksPath ? 503 : undefined;
};
