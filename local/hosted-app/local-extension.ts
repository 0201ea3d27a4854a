import { randomBytes } from 'node:crypto';
import type { Releases } from '../../runtime/lifecycle.ts';
import type { Logger } from '../../runtime/log.ts';
import { registerSecret } from '../../runtime/secrets.ts';
import type { HostClient } from '../durable-host/durable-host.ts';
import { createLocalListener } from '../functions-host/functions-host.ts';
import { listenEarly } from './early-listener.ts';

type LocalExtensionOptions = { taskHub: string; releases: Releases; log: Logger };

/** The Durable extension's listener for the app on this machine. */
export type LocalExtension = {
  /** The address for the app's durable client. It is a secret. */
  rpcBaseUrl: string;
  /** Starts answering, with the instances of the durable host. */
  connect: (client: HostClient) => void;
};

/**
 * Serves the Durable extension's listener. As on Azure, it asks for no key. But other users of this machine can reach it, so its path
 * is a secret (docs/decisions/17-local-credentials.md).
 */
export const serveLocalExtension = async ({
  taskHub,
  releases,
  log,
}: LocalExtensionOptions): Promise<LocalExtension> => {
  const secret = randomBytes(24).toString('base64url');
  registerSecret(secret);
  const listener = await listenEarly({ what: "the Durable extension's listener", port: 0, releases, log });
  const baseUrl = `${listener.url}/${secret}`;
  return {
    rpcBaseUrl: `${baseUrl}/durabletask/`,
    connect: (client) => {
      const { handle } = createLocalListener({ client, taskHub, baseUrl: () => baseUrl });
      listener.answer((request) =>
        request.url.startsWith(`${baseUrl}/`)
          ? handle(new Request(request.url.replace(`/${secret}/`, '/'), request))
          : Promise.resolve(new Response(null, { status: 404 })),
      );
    },
  };
};
