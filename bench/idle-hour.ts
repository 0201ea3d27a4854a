import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { readBotSettings } from '../bot/settings.ts';
import { startBot } from '../bot/start-bot.ts';
import { createConfiguredApp } from '../compute/orchestrator/configured-app.ts';
import { AppSettings } from '../compute/orchestrator/settings.ts';
import { openStorage } from '../compute/storage/open-storage.ts';
import { startAzurite } from '../local/azurite/azurite.ts';
import { openApp } from '../local/compute/serve-app.ts';
import { openGitHubEmulator } from '../local/github-emulator/github-emulator.ts';
import { createWebListener, listen } from '../runtime/http-server.ts';
import { Releases } from '../runtime/lifecycle.ts';
import { createLogger } from '../runtime/log.ts';
import { readSettings } from '../runtime/settings.ts';
import { TestClock } from '../test/fakes/test-clock.ts';

/** The cost of an hour without jobs and comments, in executions of the Functions app. */
export type IdleHour = {
  /** The executions of the timer function. */
  ticks: number;
  /** The executions of HTTP functions, by method and path. */
  calls: Readonly<Record<string, number>>;
  executions: number;
};

const hourMilliseconds = 3_600_000;
const stepMilliseconds = 500;

/** The loops of a bot that leads: election, replicas, tracker, redelivery, sweep and signal. */
const loopsOfLeader = 6;

const log = createLogger('bench', 'error');

/**
 * Runs one bot with its default settings and leases in storage for an hour of a clock that waits for each call: from its start, against
 * the real orchestrator, storage and embedded GitHub, while its probes and metrics are read.
 */
export const measureIdleHour = async (): Promise<IdleHour> => {
  const releases = new Releases();
  try {
    const { clock, ...system } = await startSystem(releases);
    for (let at = 0; at < hourMilliseconds; at += stepMilliseconds) {
      clock.advance(stepMilliseconds);
      await settle(clock);
      if (at % 60_000 === 0) await system.probe();
    }
    const ticks = hourMilliseconds / 1_000 / system.tickSeconds;
    const calls = Object.fromEntries(system.calls);
    const count = Object.values(calls).reduce((sum, value) => sum + value, 0);
    return { ticks, calls, executions: ticks + count };
  } finally {
    await releases.end();
  }
};

/** Waits until no loop of the bot is running: each then waits for the clock. */
const settle = async (clock: TestClock): Promise<void> => {
  while (clock.pending < loopsOfLeader) await turn();
};

const startSystem = async (releases: Releases) => {
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-idle-'));
  releases.add('the folder', () => rm(folder, { recursive: true, force: true }));
  const azurite = await startAzurite({ folder: undefined, blobPort: 0, queuePort: 0, log });
  releases.add('storage', () => azurite.stop());
  const orchestrator = await serveOrchestrator(folder, azurite.connectionString, releases);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const app = {
    id: 7,
    slug: 'coxswain',
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    webhookSecret: 'a secret',
  };
  const hook = { ...app, webhookUrl: () => 'http://127.0.0.1:9/' };
  const github = await openGitHubEmulator({ folder, port: 0, app: hook, log });
  releases.add('the embedded GitHub', () => github.close());

  const clock = new TestClock();
  const settings = readBotSettings({
    APP_ID: String(app.id),
    PRIVATE_KEY: app.privateKey,
    WEBHOOK_SECRET: app.webhookSecret,
    GITHUB_API_URL: `${github.url}/api/v3`,
    ORCHESTRATOR_URL: orchestrator.url,
    ORCHESTRATOR_KEY: orchestrator.key,
    LEASE_STORAGE: azurite.connectionString,
    PORT: '0',
    METRICS_PORT: '0',
  });
  const { port, metricsPort } = await startBot(settings, releases, log, clock);
  const probe = async (): Promise<void> => {
    for (const path of [`${port}/healthz`, `${port}/readyz`, `${metricsPort}/metrics`]) {
      const response = await fetch(`http://127.0.0.1:${path}`);
      if (!response.ok) throw new Error(`${path} answered ${response.status}`);
      await response.text();
    }
  };
  return { clock, probe, calls: orchestrator.calls, tickSeconds: orchestrator.tickSeconds };
};

/** Serves the orchestrator, and counts its calls by method and path. */
const serveOrchestrator = async (folder: string, connectionString: string, releases: Releases) => {
  const key = 'a key of more than 24 characters';
  const settings = readSettings(AppSettings, { COXSWAIN_STORAGE: connectionString, COXSWAIN_KEY: key });
  const storage = openStorage(connectionString);
  await storage.prepare();
  const app = createConfiguredApp(settings, { storage, audience: undefined, log });
  const calls = new Map<string, number>();
  const handler = Promise.withResolvers<(request: Request) => Promise<Response>>();
  const listener = createWebListener(
    async (request) => {
      const route = `${request.method} ${new URL(request.url).pathname}`;
      calls.set(route, (calls.get(route) ?? 0) + 1);
      return (await handler.promise)(request);
    },
    (error) => log.error({ err: error }, 'request failed'),
  );
  const { url, close } = await listen(listener, { what: 'the orchestrator', port: 0 });
  releases.add('the orchestrator', close);
  const { handle } = await openApp(app, { folder, url, systemKey: 'a system key', releases, log });
  handler.resolve(handle);
  return { url, key, calls, tickSeconds: Math.min(...app.timers.map(({ everySeconds }) => everySeconds)) };
};
