import type { RequestListener } from 'node:http';

import { Releases } from '../../runtime/lifecycle.ts';
import type { Logger } from '../../runtime/log.ts';
import { listen } from '../../runtime/http-server.ts';
import {
  createAccounts,
  installationId,
  people,
  repositoryName,
  workflowAccount,
  type RepositoryRole,
} from './accounts.ts';
import { createServices } from './services/services.ts';
import { buildAddresses } from './addresses.ts';
import { createRateLimit } from './api/rate-limit.ts';
import { createFaultInjector } from './api/fault-injection.ts';
import { createApiHandler } from './api/api-handler.ts';
import { createTokenService } from './api/tokens.ts';
import { createRequestHandler } from './request-handler.ts';
import { createPageHandler } from './page/page-handler.ts';
import { createBrowserSessions, type BrowserSessions } from './page/sessions.ts';
import { buildSignInAddress } from './page/sign-in.ts';
import { createEventStream } from './page/server-sent-events.ts';
import { seedStore } from './fixtures.ts';
import { buildIssueUrl, type SerializerContext } from './serializers/conversation.ts';
import { createSerializers } from './serializers/serializers.ts';
import { createTestControl, type TestControl } from './test-control.ts';
import { openEmulatorStore, type EmulatorStore } from './store/store.ts';
import { startWebhookSender } from './webhooks/webhook-sender.ts';
import { createWebhookEvents } from './webhooks/webhook-events.ts';

/** The GitHub App that is installed on the sandbox. */
export type EmulatorApp = {
  id: number;
  slug: string;
  /** PEM; the app signs its tokens with it. */
  privateKey: string;
  webhookSecret: string;
  /** Where events go; a function is asked at each delivery. */
  webhookUrl: string | (() => string);
};

export type GitHubEmulatorOptions = {
  /** Its own data folder, made if it is missing. */
  folder: string;
  /** 0: any free port. */
  port: number;
  app: EmulatorApp;
  /** Files that a new repository begins with, by their paths. */
  files?: Readonly<Record<string, string>>;
  log: Logger;
};

/** A GitHub of one's own, with one private repository, its people, one installed app, and pages to read and write on. */
export type GitHubEmulator = {
  /** The API is at `<url>/api/v3` and at `<url>`, the pages below `<url>`. */
  url: string;
  /** The page of the first issue. */
  page: string;
  /** Returns the address of that page with a code that signs in one browser. */
  signInAddress: () => string;
  /** The key that requests such a code with `POST /sign-in/codes`. */
  signInKey: string;
  repository: typeof repositoryName;
  issue: number;
  installation: number;
  users: { login: string; role: RepositoryRole; token: string }[];
  /** The token that a workflow of the repository has: it writes as `github-actions[bot]`. */
  workflowToken: string;
  testControl: TestControl;
  close(): Promise<void>;
};

const firstIssue = { number: 1, isPull: 0 } as const;

/**
 * Opens the sandbox: what was written in an earlier run is there again, and webhooks not yet attempted then go out now.
 * @throws PortInUseError
 */
export const openGitHubEmulator = async (options: GitHubEmulatorOptions): Promise<GitHubEmulator> => {
  const releases = new Releases();
  const store = openEmulatorStore(options.folder);
  releases.add('the store', () => store.close());
  try {
    seedStore(store, options.files);
    const gate: { open: RequestListener } = {
      open: (_request, response) => void response.writeHead(503).end(),
    };
    const served = await listen((request, response) => gate.open(request, response), {
      what: 'GitHub',
      port: options.port,
    });
    releases.add('the server', served.close);
    const { settings } = store;
    const sessions = createBrowserSessions({ ...settings, folderId: settings.repositoryId });
    const { listener, stage } = createHandlers(options, store, { site: served.url, sessions }, releases);
    gate.open = listener;
    const page = buildIssueUrl(firstIssue, buildAddresses(served.url));
    return {
      url: served.url,
      page,
      signInAddress: () => buildSignInAddress(page, sessions.createCode()),
      signInKey: settings.signInKey,
      repository: repositoryName,
      issue: firstIssue.number,
      installation: installationId,
      users: people.map(({ login, role }) => ({ login, role, token: settings.tokens.get(login) as string })),
      workflowToken: settings.tokens.get(workflowAccount.login) as string,
      testControl: stage,
      close: () => releases.end(),
    };
  } catch (error) {
    await releases.end();
    throw error;
  }
};

/** All that answers at `site`, and its stage; what it starts is released with the rest. */
const createHandlers = (
  { app, log }: GitHubEmulatorOptions,
  store: EmulatorStore,
  { site, sessions }: { site: string; sessions: BrowserSessions },
  releases: Releases,
): { listener: RequestListener; stage: TestControl } => {
  const accounts = createAccounts(app.slug);
  const addresses = buildAddresses(site);
  const serializerContext: SerializerContext = {
    accounts,
    addresses,
    app: { ...app, createdAt: store.settings.createdAt },
  };
  const webhookSender = startWebhookSender(
    store.deliveries,
    { appId: app.id, secret: app.webhookSecret, url: app.webhookUrl },
    log,
  );
  releases.add('the courier', () => webhookSender.close());
  const serializers = createSerializers(store, serializerContext);
  const services = createServices(
    store,
    createWebhookEvents(store, serializers, serializerContext),
    webhookSender,
  );
  const tokens = createTokenService(store.settings, app, accounts.bot);
  const limits = { budget: createRateLimit(), faults: createFaultInjector() };
  releases.add('slow answers', async () => limits.faults.close());
  const api = createApiHandler(
    { store, services, webhookSender, tokens, serializerContext, serializers },
    limits,
  );
  const home = new URL(buildIssueUrl(firstIssue, addresses)).pathname;
  const pages = createPageHandler({ store, services, accounts }, sessions, home);
  return {
    listener: createRequestHandler({ api, pages, stream: createEventStream(store, services, sessions) }, log),
    stage: createTestControl({ store, services, accounts, tokens, ...limits }),
  };
};
