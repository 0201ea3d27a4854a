import type { RequestListener } from 'node:http';

import { Releases } from '../../runtime/lifecycle.ts';
import type { Logger } from '../../runtime/log.ts';
import { listen } from '../../runtime/http-server.ts';
import { accountsWith, installationId, people, repositoryName, workflows, type Role } from './accounts.ts';
import { activityOn } from './services/services.ts';
import { addressesAt } from './addresses.ts';
import { hourlyBudget } from './api/rate-limit.ts';
import { faultsOnDemand } from './api/fault-injection.ts';
import { apiOf } from './api/api-handler.ts';
import { tokensOf } from './api/tokens.ts';
import { gatewayOf } from './request-handler.ts';
import { pagesOf } from './page/page-handler.ts';
import { sessionsOf, type Sessions } from './page/sessions.ts';
import { addressWith } from './page/sign-in.ts';
import { streamOf } from './page/server-sent-events.ts';
import { seed } from './fixtures.ts';
import { issuePage, type Surroundings } from './serializers/conversation.ts';
import { shapesOf } from './serializers/serializers.ts';
import { stageOf, type Stage } from './test-control.ts';
import { openStore, type Store } from './store/store.ts';
import { startCourier } from './webhooks/webhook-sender.ts';
import { eventsOf } from './webhooks/webhook-events.ts';

/** The GitHub App that is installed on the sandbox. */
export type SandboxApp = {
  id: number;
  slug: string;
  /** PEM; the app signs its tokens with it. */
  privateKey: string;
  webhookSecret: string;
  /** Where events go; a function is asked at each delivery. */
  webhookUrl: string | (() => string);
};

export type SandboxOptions = {
  /** Its own data folder, made if it is missing. */
  folder: string;
  /** 0: any free port. */
  port: number;
  app: SandboxApp;
  /** Files that a new repository begins with, by their paths. */
  files?: Readonly<Record<string, string>>;
  log: Logger;
};

/** A GitHub of one's own, with one private repository, its people, one installed app, and pages to read and write on. */
export type Sandbox = {
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
  users: { login: string; role: Role; token: string }[];
  /** The token that a workflow of the repository has: it writes as `github-actions[bot]`. */
  workflowToken: string;
  stage: Stage;
  close(): Promise<void>;
};

const firstIssue = { number: 1, isPull: 0 } as const;

/**
 * Opens the sandbox: what was written in an earlier run is there again, and webhooks not yet attempted then go out now.
 * @throws PortInUse
 */
export const openSandbox = async (options: SandboxOptions): Promise<Sandbox> => {
  const releases = new Releases();
  const store = openStore(options.folder);
  releases.add('the store', () => store.close());
  try {
    seed(store, options.files);
    const gate: { open: RequestListener } = {
      open: (_request, response) => void response.writeHead(503).end(),
    };
    const served = await listen((request, response) => gate.open(request, response), {
      what: 'GitHub',
      port: options.port,
    });
    releases.add('the server', served.close);
    const { settings } = store;
    const sessions = sessionsOf({ ...settings, folderId: settings.repositoryId });
    const { listener, stage } = equip(options, store, { site: served.url, sessions }, releases);
    gate.open = listener;
    const page = issuePage(firstIssue, addressesAt(served.url));
    return {
      url: served.url,
      page,
      signInAddress: () => addressWith(page, sessions.drawCode()),
      signInKey: settings.signInKey,
      repository: repositoryName,
      issue: firstIssue.number,
      installation: installationId,
      users: people.map(({ login, role }) => ({ login, role, token: settings.tokens.get(login) as string })),
      workflowToken: settings.tokens.get(workflows.login) as string,
      stage,
      close: () => releases.end(),
    };
  } catch (error) {
    await releases.end();
    throw error;
  }
};

/** All that answers at `site`, and its stage; what it starts is released with the rest. */
const equip = (
  { app, log }: SandboxOptions,
  store: Store,
  { site, sessions }: { site: string; sessions: Sessions },
  releases: Releases,
): { listener: RequestListener; stage: Stage } => {
  const accounts = accountsWith(app.slug);
  const addresses = addressesAt(site);
  const surroundings: Surroundings = {
    accounts,
    addresses,
    app: { ...app, createdAt: store.settings.createdAt },
  };
  const courier = startCourier(
    store.deliveries,
    { appId: app.id, secret: app.webhookSecret, url: app.webhookUrl },
    log,
  );
  releases.add('the courier', () => courier.close());
  const shapes = shapesOf(store, surroundings);
  const activity = activityOn(store, eventsOf(store, shapes, surroundings), courier);
  const tokens = tokensOf(store.settings, app, accounts.bot);
  const limits = { budget: hourlyBudget(), faults: faultsOnDemand() };
  releases.add('slow answers', async () => limits.faults.close());
  const api = apiOf({ store, activity, courier, tokens, surroundings, shapes }, limits);
  const home = new URL(issuePage(firstIssue, addresses)).pathname;
  const pages = pagesOf({ store, activity, accounts }, sessions, home);
  return {
    listener: gatewayOf({ api, pages, stream: streamOf(store, activity, sessions) }, log),
    stage: stageOf({ store, activity, accounts, tokens, ...limits }),
  };
};
