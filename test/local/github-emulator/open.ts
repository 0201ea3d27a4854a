import { createSign, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openSandbox, type Sandbox } from '../../../local/github-emulator/index.ts';
import { logger } from '../../../runtime/log.ts';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

export const app = { id: 4711, slug: 'coxswain', privateKey, webhookSecret: 'a secret of the hook' };

/** A folder of its own, and what removes it. */
export const temporaryFolder = (): { folder: string; remove: () => void } => {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
};

/** A sandbox in the folder whose webhooks go to the address; by default nobody listens there. */
export const openIn = (
  folder: string,
  webhookUrl: string | (() => string) = 'http://127.0.0.1:9/',
): Promise<Sandbox> =>
  openSandbox({ folder, port: 0, app: { ...app, webhookUrl }, log: logger('sandbox', 'silent') });

/** A token that the app signs for itself, good for some minutes. */
export const appToken = (claims: object = {}, key = privateKey): string => {
  const seconds = Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iss: app.id, iat: seconds - 30, exp: seconds + 300, ...claims })}`;
  return `${signed}.${createSign('sha256').update(signed).sign(key).toString('base64url')}`;
};

export type Answer = { status: number; headers: Headers; body: unknown; text: string };
export type Client = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>;

/** Calls the sandbox's API with a token (or none). */
export const client =
  (sandbox: Pick<Sandbox, 'url'>, token?: string): Client =>
  async (method, path, body, headers = {}) => {
    const response = await fetch(path.startsWith('http') ? path : `${sandbox.url}/api/v3${path}`, {
      method,
      headers: {
        connection: 'close',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      redirect: 'manual',
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '') && text !== '';
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : undefined,
      text,
    };
  };

/** Signs in to the pages, as a browser does with the address that is printed; resolves with the cookie to send. */
export const signIn = async ({ signInAddress }: Sandbox): Promise<string> => {
  const answer = await fetch(signInAddress(), { redirect: 'manual', headers: { connection: 'close' } });
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
};

/** The token that the forms of a page send along. */
export const tokenIn = ({ text }: Pick<Answer, 'text'>): string =>
  /name="token" value="([^"]+)"/.exec(text)?.[1] ?? '';

/** Calls the API as one of the people. */
export const as = (sandbox: Sandbox, role: 'maintain' | 'write' | 'read'): Client =>
  client(sandbox, sandbox.users.find((user) => user.role === role)?.token);

/** Calls the API with a fresh token of the installation. */
export const asInstallation = async (sandbox: Sandbox): Promise<Client> => {
  const { body } = await client(sandbox, appToken())(
    'POST',
    `/app/installations/${sandbox.installation}/access_tokens`,
  );
  return client(sandbox, (body as { token: string }).token);
};

export type Received = { headers: IncomingHttpHeaders; body: string; payload: Payload };
export type Payload = {
  action: string;
  comment?: { id: number; body: string; updated_at: string };
  issue: { number: number };
  changes?: { body: { from: string } };
  sender: { login: string };
};

/** A real receiver of webhooks. `next` resolves with the next one that came, in order. */
export const receiver = async () => {
  const came: Received[] = [];
  const waiting: ((received: Received) => void)[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const received = { headers: request.headers, body, payload: JSON.parse(body) as Payload };
      response.writeHead(receiving.status, { 'x-served-by': 'test' }).end('thanks');
      const resolve = waiting.shift();
      if (resolve) resolve(received);
      else came.push(received);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiving = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/github/webhooks`,
    /** What it answers with. */
    status: 200,
    next: (): Promise<Received> => {
      const first = came.shift();
      return first ? Promise.resolve(first) : new Promise((resolve) => waiting.push(resolve));
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiving;
};

/** Asks again and again until the answer is one that counts. */
export const eventually = async <T>(ask: () => Promise<T | undefined>): Promise<T> => {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
