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
import { createLogStream } from './page/jobs/log-stream.ts';
import type { FileCheck } from './page/file-check.ts';
import type { JobSource } from './page/jobs/job-source.ts';
import { createEventStream } from './page/server-sent-events.ts';
import { seedStore } from './fixtures.ts';
import { buildIssueUrl, type SerializerContext } from './serializers/conversation.ts';
import { createSerializers } from './serializers/serializers.ts';
import { createTestControl, type TestControl } from './test-control.ts';
import { openEmulatorStore, type EmulatorStore } from './store/store.ts';
import { startWebhookSender } from './webhooks/webhook-sender.ts';
import { createWebhookEvents } from './webhooks/webhook-events.ts';

/** The GitHub App that is installed on the emulator. */
export type EmulatorApp = {
  id: number;
  slug: string;
  /** The key, as PEM, with which the app signs its tokens. */
  privateKey: string;
  webhookSecret: string;
  /** The receiver of events. A function is called for each delivery. */
  webhookUrl: string | (() => string);
};

export type GitHubEmulatorOptions = {
  /** The emulator's own data folder, which is created if it is missing. */
  folder: string;
  /** 0: any free port. */
  port: number;
  /** The address on which it listens; by default, only this machine reaches it. */
  host?: string;
  app: EmulatorApp;
  /** The files of a new repository, by path. */
  files?: Readonly<Record<string, string>>;
  /** The orchestrator's jobs, for the pages. */
  jobs?: JobSource;
  /** Checks a file before a person commits it on the pages. */
  fileCheck?: FileCheck;
  /** The origin from which texts on the pages may show pictures. */
  pictureOrigin?: string;
  log: Logger;
};

/** An embedded GitHub with one private repository, its people, one installed app, and pages. */
export type GitHubEmulator = {
  /** The base URL. The API is at `<url>/api/v3` and at `<url>`, the pages are below `<url>`. */
  url: string;
  /** The address of the first issue's page. */
  page: string;
  /** Returns the address of that page with a code that signs in one browser. */
  signInAddress: () => string;
  /** The key that requests such a code with `POST /sign-in/codes`. */
  signInKey: string;
  repository: typeof repositoryName;
  issue: number;
  installation: number;
  users: { login: string; role: RepositoryRole; token: string }[];
  /** The token of the repository's workflows, which write as `github-actions[bot]`. */
  workflowToken: string;
  testControl: TestControl;
  close(): Promise<void>;
};

const firstIssue = { number: 1, isPull: 0 } as const;

/**
 * Opens the emulator with the contents of earlier runs, and sends webhooks that have not been attempted yet.
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
      ...(options.host !== undefined && { host: options.host }),
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

/** Creates the listener and the test control. `releases` closes what they start. */
const createHandlers = (
  { app, log, jobs: source, fileCheck, pictureOrigin }: GitHubEmulatorOptions,
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
  releases.add('the webhook sender', () => webhookSender.close());
  const serializers = createSerializers(store, serializerContext);
  const services = createServices(
    store,
    createWebhookEvents(store, serializers, serializerContext),
    webhookSender,
  );
  const tokens = createTokenService(store.settings, app, accounts.bot);
  const limits = { budget: createRateLimit(), faults: createFaultInjector() };
  releases.add('slow responses', async () => limits.faults.close());
  const api = createApiHandler(
    { store, services, webhookSender, tokens, serializerContext, serializers },
    limits,
  );
  const home = new URL(buildIssueUrl(firstIssue, addresses)).pathname;
  const { repositoryId } = store.settings;
  const repository = `${new URL(site).hostname}/${repositoryId}`;
  const jobs = source && { ...source, repository, repositoryId };
  const pages = createPageHandler(
    {
      store,
      services,
      accounts,
      jobs,
      fileCheck,
      log,
      site: { hasJobs: jobs !== undefined, pictureOrigin: pictureOrigin ?? null },
    },
    sessions,
    home,
  );
  const streams = [
    createEventStream(store, services, sessions),
    ...(jobs ? [createLogStream(jobs, sessions, log)] : []),
  ];
  return {
    listener: createRequestHandler({ api, pages, streams }, log),
    stage: createTestControl({ store, services, accounts, tokens, ...limits }),
  };
};
