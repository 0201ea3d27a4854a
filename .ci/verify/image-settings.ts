import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { accountName, generateAccountKey } from '../../local/azurite/azurite.ts';
import type { Releases } from '../../runtime/lifecycle.ts';
import type { ImageName } from '../images/build-images.ts';

/** The settings of each image in its check, apart from those in the image, and where it answers probes and metrics. */
export type ImageSettings = {
  environment: Readonly<Record<string, string>>;
  /** Requests that succeed as soon as it is ready: a port and a path. */
  probes: readonly [port: number, path: string][];
  /** The folder in the container that must be writable. */
  volume?: string;
};

const require = createRequire(import.meta.url);

/** Starts a storage account that containers reach at `hostAddress`, and returns the settings of the images. */
export const openImageSettings = (
  hostAddress: string,
  releases: Releases,
): Record<ImageName, ImageSettings> => {
  const account = {
    COXSWAIN_STORAGE: startStorage(hostAddress, releases),
    COXSWAIN_ALLOW_HTTP: hostAddress,
  };
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    worker: {
      environment: account,
      probes: [
        [8080, '/healthz'],
        [8080, '/readyz'],
        [8080, '/metrics'],
      ],
    },
    bot: {
      // Nothing listens at these addresses: the bot is ready without GitHub and orchestrator, and tries again.
      environment: {
        APP_ID: '1',
        PRIVATE_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        WEBHOOK_SECRET: 'verify-webhook-secret',
        GITHUB_API_URL: `http://${hostAddress}:9`,
        ORCHESTRATOR_URL: `http://${hostAddress}:9`,
        ORCHESTRATOR_KEY: 'verify-function-key',
        COXSWAIN_ALLOW_HTTP: hostAddress,
      },
      probes: [
        [3000, '/healthz'],
        [3000, '/readyz'],
        [9090, '/metrics'],
      ],
    },
    orchestrator: {
      environment: { ...account, COXSWAIN_KEY: 'verify-platform-key-of-24-characters' },
      probes: [
        [8080, '/healthz'],
        [8080, '/readyz'],
      ],
      volume: '/data',
    },
  };
};

/** Starts Azurite in a process of its own, because the one of the local platform answers only this machine. Returns its connection string. */
const startStorage = (host: string, releases: Releases): string => {
  const key = generateAccountKey();
  const argv = [
    '--inMemoryPersistence',
    '--silent',
    '--blobHost',
    host,
    '--queueHost',
    host,
    '--tableHost',
    host,
  ];
  const child = spawn(
    process.execPath,
    [require.resolve('azurite/dist/src/azurite.js'), ...argv, '--skipApiVersionCheck'],
    {
      env: { ...process.env, AZURITE_ACCOUNTS: `${accountName}:${key}` },
      stdio: 'ignore',
    },
  );
  const ended = once(child, 'close');
  releases.add('storage', async () => {
    child.kill();
    await ended;
  });
  return [
    'DefaultEndpointsProtocol=http',
    `AccountName=${accountName}`,
    `AccountKey=${key}`,
    `BlobEndpoint=http://${host}:10000/${accountName}`,
    `QueueEndpoint=http://${host}:10001/${accountName}`,
  ].join(';');
};
