import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importPKCS8, SignJWT } from 'jose';
import { openSandbox, type Sandbox } from '../../bot/sandbox/index.ts';
import { choosePorts } from '../../cli/platform/ports.ts';
import { startCompute } from '../../compute/local/up.ts';
import { CallerSettings } from '../../compute/orchestrator/access/settings.ts';
import { crewLockPath } from '../../runtime/crew-lock.ts';
import { settingsFrom } from '../../runtime/environment.ts';
import type { Releases } from '../../runtime/lifecycle.ts';
import { logger } from '../../runtime/log.ts';

/** What the workflows meet: a platform and a GitHub, without the bot, for the Action alone is to answer. */
export type Stage = {
  orchestrator: { url: string; key: string };
  github: Pick<Sandbox, 'url' | 'repository' | 'issue' | 'users'>;
  /** A token as a workflow has it: it writes as `github-actions[bot]`. */
  workflowToken: string;
};

/** Nightly runs may compute; everything else is as without a policy. */
const policy = `version: 1
compute:
  allow: { permission: write, bots: [schedule] }
`;

const log = logger('verify', 'silent');

/** Starts it in a temporary folder; `releases` takes it down and removes that. */
export const openStage = async (releases: Releases): Promise<Stage> => {
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-verify-'));
  releases.add('the folder', () => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  await mkdir(join(folder, 'locks'));
  const ports = await choosePorts(folder, 0);
  const keys = { function: 'stage-function-key', system: 'stage-system-key' };
  const compute = await startCompute({
    folder,
    ports,
    keys,
    callers: settingsFrom(CallerSettings, {}),
    crewLock: crewLockPath(folder),
    workers: 1,
    releases,
    log,
  });
  const app = { id: 1, slug: 'github-actions', privateKey: privateKey(), webhookSecret: 'unheard' };
  const github = await openSandbox({
    folder: join(folder, 'github'),
    port: 0,
    // Nobody listens there.
    app: { ...app, webhookUrl: 'http://127.0.0.1:9/' },
    files: { '.github/coxswain.yml': policy },
    log,
  });
  releases.add('the embedded GitHub', () => github.close());
  const workflowToken = await installationToken(github, app);
  return { orchestrator: { url: compute.url, key: keys.function }, github, workflowToken };
};

const privateKey = (): string =>
  generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();

const installationToken = async (
  { url, installation }: Sandbox,
  app: { id: number; privateKey: string },
): Promise<string> => {
  const jwt = await new SignJWT()
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
    .setIssuer(String(app.id))
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(await importPKCS8(app.privateKey, 'RS256'));
  const answer = await fetch(`${url}/api/v3/app/installations/${installation}/access_tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${jwt}` },
  });
  const { token } = (await answer.json()) as { token?: string };
  if (token === undefined) throw new Error(`The embedded GitHub gave no token: ${answer.status}`);
  return token;
};
