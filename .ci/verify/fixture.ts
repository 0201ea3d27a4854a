import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openGitHubEmulator, type GitHubEmulator } from '../../local/github-emulator/github-emulator.ts';
import { choosePorts } from '../../local/platform/ports.ts';
import { generateAccountKey } from '../../local/azurite/azurite.ts';
import { startLocalCompute } from '../../local/compute/start-compute.ts';
import { CallerSettings } from '../../compute/orchestrator/auth/settings.ts';
import { openStorage } from '../../compute/storage/open-storage.ts';
import { getSharedLockPath } from '../../runtime/data-dir-lock.ts';
import { readSettings } from '../../runtime/settings.ts';
import type { Releases } from '../../runtime/lifecycle.ts';
import { createLogger } from '../../runtime/log.ts';
import { openOidcIssuer, type OidcIssuer } from './oidc-issuer.ts';

/** The services for the workflows: a platform and a GitHub, without the bot, so that only the Action answers. */
export type VerifyFixture = {
  /** The folder of all data, which is removed at the end. */
  folder: string;
  orchestrator: { url: string; key: string };
  github: GitHubEmulator;
  /** The repository's numeric id. */
  repository: number;
  identity: OidcIssuer;
};

/** Allows scheduled runs to compute. The rest is as without a policy. */
const policy = `version: 1
compute:
  allow: { permission: write, bots: [schedule] }
`;

/** A task in addition to the sample catalogue. */
const failing = { taskName: 'Fail', dockerImage: 'none', scriptName: 'fail.sh' };
const failingScript = '#!/bin/sh\necho "::error::forged"\nexit 3\n';

const keys = { function: 'verify-function-key', system: 'verify-system-key', storage: generateAccountKey() };
const log = createLogger('verify', 'silent');

/** Starts the services in a temporary folder. `releases` stops them and removes the folder. */
export const openFixture = async (releases: Releases): Promise<VerifyFixture> => {
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-verify-'));
  releases.add('the folder', () => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const github = await openGitHub(folder, releases);
  const identity = await openOidcIssuer(
    {
      sub: `repo:${github.github.repository}:ref:refs/heads/main`,
      repository_id: String(github.repository),
      event_name: 'schedule',
      ref: 'refs/heads/main',
    },
    releases,
  );
  const orchestrator = await openPlatform(folder, releases, {
    COXSWAIN_ISSUER: identity.issuer,
    COXSWAIN_TRUST: JSON.stringify([
      { repositoryId: String(github.repository), eventName: ['schedule'], scopes: ['start', 'read'] },
    ]),
  });
  return { folder, ...github, orchestrator, identity };
};

const openPlatform = async (
  folder: string,
  releases: Releases,
  callers: Record<string, string>,
): Promise<VerifyFixture['orchestrator']> => {
  await mkdir(join(folder, 'locks'));
  const { url, connectionString } = await startLocalCompute({
    folder,
    ports: await choosePorts(folder, 0),
    keys,
    callers: readSettings(CallerSettings, callers),
    crewLock: getSharedLockPath(folder),
    workers: 1,
    releases,
    log,
  });
  const { blobs } = openStorage(connectionString);
  await blobs.put('tasks/fail.sh', failingScript);
  await blobs.put('tasks/Fail.json', JSON.stringify(failing));
  return { url, key: keys.function };
};

const openGitHub = async (
  folder: string,
  releases: Releases,
): Promise<Pick<VerifyFixture, 'github' | 'repository'>> => {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const github = await openGitHubEmulator({
    folder: join(folder, 'github'),
    port: 0,
    // Nothing listens at this address, because no app is installed.
    app: { id: 1, slug: 'coxswain', privateKey, webhookSecret: 'unheard', webhookUrl: 'http://127.0.0.1:9/' },
    files: { '.github/coxswain.yml': policy },
    log,
  });
  releases.add('the embedded GitHub', () => github.close());
  const answer = await fetch(`${github.url}/api/v3/repos/${github.repository}`, {
    headers: { authorization: `Bearer ${github.workflowToken}` },
  });
  const { id } = (await answer.json()) as { id: number };
  return { github, repository: id };
};
