import type { Emulator } from 'emulate';

import type { Logger } from '../../runtime/log.ts';
import { organisation, people, repositoryName } from './accounts.ts';
import type { Addresses } from './addresses.ts';

/** The emulated rest of GitHub. */
export type Upstream = {
  forward(request: Request, url: URL): Promise<Response>;
  close(): Promise<void>;
};

/** Under which the gateway speaks to the emulator, which takes any token: it listens on loopback, and knows no secret of ours. */
const gateway = people[0] as (typeof people)[number];

/**
 * The emulator, started with the first request that needs it: a platform in which nobody asks for milestones, releases or
 * the like never pays for it. What it holds is gone after a restart; what must not be lost is the gateway's own.
 */
export const lazyEmulator = (addresses: Addresses, log: Logger): Upstream => {
  let started: Promise<Emulator> | undefined;
  const running = (): Promise<Emulator> =>
    (started ??= startEmulator(log).catch((error: unknown) => {
      // The next request tries again.
      started = undefined;
      throw error;
    }));
  return {
    forward: async (request, url) => {
      const emulator = await running();
      const body = request.body === null ? {} : { body: await request.arrayBuffer() };
      const response = await fetch(emulator.url + url.pathname + url.search, {
        method: request.method,
        headers: {
          authorization: `token ${gateway.login}`,
          accept: request.headers.get('accept') ?? 'application/json',
          'content-type': request.headers.get('content-type') ?? 'application/json',
          connection: 'close',
        },
        redirect: 'manual',
        ...body,
      });
      return ourAnswer(response, emulator.url, addresses);
    },
    close: async () => {
      await (await started)?.close();
    },
  };
};

const startEmulator = async (log: Logger): Promise<Emulator> => {
  const { createEmulator } = await import('emulate');
  const [owner, name] = repositoryName.split('/') as [string, string];
  const emulator = await createEmulator({
    service: 'github',
    port: 0,
    seed: {
      tokens: { [gateway.login]: { login: gateway.login, scopes: ['repo', 'user', 'admin:org'] } },
      github: {
        users: people.map(({ login, name: shown }) => ({ login, name: shown })),
        orgs: [{ login: organisation.login, members: [{ login: gateway.login, role: 'admin' }] }],
        repos: [{ owner, name, private: true, auto_init: true }],
      },
    },
  });
  log.debug('the GitHub emulator has started');
  return emulator;
};

/** Its answer with our addresses in place of its own. */
const ourAnswer = async (response: Response, from: string, { api }: Addresses): Promise<Response> => {
  const headers = new Headers({
    'content-type': response.headers.get('content-type') ?? 'application/json; charset=utf-8',
  });
  for (const name of ['link', 'location', 'etag']) {
    const value = response.headers.get(name);
    if (value !== null) headers.set(name, value.replaceAll(from, api));
  }
  if (response.status === 204 || response.status === 304)
    return new Response(null, { status: response.status, headers });
  const bytes = Buffer.from(await response.arrayBuffer());
  const isText = /json|text/.test(headers.get('content-type') ?? '');
  return new Response(isText ? bytes.toString('utf8').replaceAll(from, api) : bytes, {
    status: response.status,
    headers,
  });
};
