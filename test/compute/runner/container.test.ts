import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startedPath } from '../../../contracts/blob-paths.ts';
import type { RunOrder } from '../../../compute/runner/run-spec.ts';
import { openStorage, type Blobs } from '../../../compute/storage/open-storage.ts';
import { startAzurite, type Azurite } from '../../../local/azurite/azurite.ts';
import { createLogger } from '../../../runtime/log.ts';
import { createRunSpec, readExitRecord, readLog, waitFor } from '../../fixtures/run-specs.ts';

/* The runner as in a container: alone, with its order in a variable. */

const log = createLogger('test', 'silent');
const entry = fileURLToPath(new URL('../../../compute/runner/main.ts', import.meta.url));
const clientId = '5b1f7f5e-3a57-4a52-9b0e-5d9d2a4c1a11';
const header = 'identity-header-7c1e';
const token = 'token-of-the-identity-90ab';
let azurite: Azurite;
let blobs: Blobs;
let home: string;

beforeAll(async () => {
  azurite = await startAzurite({ folder: undefined, blobPort: 0, queuePort: 0, log });
  const storage = openStorage(azurite.connectionString);
  await storage.prepare();
  ({ blobs } = storage);
  home = await mkdtemp(join(tmpdir(), 'home-'));
});

afterAll(async () => {
  await azurite.stop();
  await rm(home, { recursive: true });
});

type Variables = Readonly<Record<string, string>>;
type Program = readonly [string, ...string[]];

const runner: Program = [process.execPath, entry];

const start = (
  order: RunOrder | string,
  variables: Variables = {},
  [program, ...argv]: Program = runner,
): { child: ChildProcess; ended: Promise<{ code: number | null; output: string }> } => {
  const child = spawn(program, argv, {
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      COXSWAIN_ORDER: typeof order === 'string' ? order : JSON.stringify(order),
      COXSWAIN_PROGRAM_UID: String(process.getuid!()),
      ...variables,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, output })) };
};

type Endpoint = { requests: IncomingMessage[]; grant: () => void; variables: Variables; server: Server };

/** Starts an endpoint of the container's own, which refuses all requests until `grant` is called. */
const startEndpoint = async (): Promise<Endpoint> => {
  const requests: IncomingMessage[] = [];
  let isGranted = false;
  const server = createServer((request, response) => {
    requests.push(request);
    response.writeHead(isGranted ? 200 : 400, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isGranted ? { access_token: token } : { error: 'invalid_request' }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    requests,
    grant: () => (isGranted = true),
    variables: { IDENTITY_ENDPOINT: `http://127.0.0.1:${port}/msi/token`, IDENTITY_HEADER: header },
    server,
  };
};

const withEndpoint = async (work: (endpoint: Endpoint) => Promise<void>): Promise<void> => {
  const endpoint = await startEndpoint();
  try {
    await work(endpoint);
  } finally {
    endpoint.server.closeAllConnections();
    await new Promise((resolve) => endpoint.server.close(resolve));
  }
};

const createOrder = async (script: string, identity?: RunOrder['identity']): Promise<RunOrder> => ({
  ...(await createRunSpec(blobs, script)),
  ...(identity && { identity }),
});

const hasStarted = async ({ job }: RunOrder): Promise<boolean> =>
  (await blobs.get(startedPath(job))) !== undefined;

describe('a runner in a container', () => {
  test.concurrent('accepts its order as gzipped JSON in base64, and gives the script a home folder of its own', async () => {
    const order = await createOrder('#!/bin/sh\n[ "$HOME" = "$PWD" ] && touch "$HOME/file" && echo private');
    const { ended } = start(gzipSync(JSON.stringify(order)).toString('base64'));
    expect((await ended).code).toBe(0);
    expect(await readLog(blobs, order)).toBe('private\n');
  });

  test.concurrent('refuses any other order, without printing it', async () => {
    const { code, output } = await start('order-with-a-secret').ended;
    expect(code).toBe(1);
    expect(output).toContain('expected JSON, or gzipped JSON in base64');
    expect(output).not.toContain('order-with-a-secret');
  });

  test.concurrent('that is started again runs nothing, exits with 0 and says why', async () => {
    const order = await createOrder('#!/bin/sh\necho ran');
    await start(order).ended;
    const { code, output } = await start(order).ended;
    expect(code).toBe(0);
    expect(output).toContain('started before');
    expect(await readLog(blobs, order)).toBe('ran\n');
  });

  test.concurrent('waits for its identity before it claims the job, and lets the script use it', async () => {
    await withEndpoint(async ({ requests, grant, variables }) => {
      const order = await createOrder(
        '#!/bin/sh\necho "$AZURE_CLIENT_ID $IDENTITY_ENDPOINT $IDENTITY_HEADER"; cat /proc/$PPID/environ',
        { clientId },
      );
      const { ended } = start(order, variables);
      await waitFor(() => requests.length > 1);
      expect(await hasStarted(order)).toBe(false);
      grant();
      const { code, output } = await ended;
      expect(code).toBe(0);
      const text = await readLog(blobs, order);
      expect(text).toContain(`${clientId} ${variables['IDENTITY_ENDPOINT']} ${header}\n`);
      // Only the script's own environment contains the key.
      expect(text!.split(header)).toHaveLength(2);
      expect(`${output}${text}`).not.toContain(token);
      expect(output).not.toContain(header);
      const { url, headers } = requests[0]!;
      expect(new URL(url!, 'http://localhost').searchParams.get('client_id')).toBe(clientId);
      expect(headers).toMatchObject({ 'x-identity-header': header, metadata: 'true' });
    });
  });

  test.concurrent('runs nothing if its identity gets no token in time, and records why', async () => {
    await withEndpoint(async ({ variables }) => {
      const order = await createOrder('#!/bin/sh\necho ran', { clientId });
      const { ended } = start(order, { ...variables, COXSWAIN_IDENTITY_SECONDS: '3' });
      expect((await ended).code).toBe(0);
      expect(await hasStarted(order)).toBe(true);
      const exit = await readExitRecord(blobs, order);
      expect(exit).toMatchObject({
        exitCode: null,
        notStarted: {
          reason: 'identity-unavailable',
          message: expect.stringMatching(new RegExp(`${clientId}.*3 s: its endpoint answered 400`)),
        },
      });
      expect(await readLog(blobs, order)).toBe(`${exit?.notStarted?.message}\n`);
    });
  });

  test.concurrent('that is stopped while it waits for its identity claims nothing', async () => {
    await withEndpoint(async ({ requests, variables }) => {
      const order = await createOrder('#!/bin/sh\necho ran', { clientId });
      const { child, ended } = start(order, variables);
      await waitFor(() => requests.length > 0);
      child.kill('SIGTERM');
      expect((await ended).code).toBe(0);
      expect(await hasStarted(order)).toBe(false);
      expect(await readExitRecord(blobs, order)).toBeUndefined();
    });
  });

  test.concurrent('asks for no token, and gives the script no identity, if the order names none', async () => {
    await withEndpoint(async ({ requests, variables }) => {
      const order = await createOrder('#!/bin/sh\nenv');
      const { ended } = start(order, { ...variables, AZURE_CLIENT_ID: clientId });
      expect((await ended).code).toBe(0);
      expect(await readLog(blobs, order)).not.toMatch(/AZURE|IDENTITY|identity/);
      expect(requests).toEqual([]);
    });
  });

  const asFirst = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'] as const;
  const canUnshare = spawnSync(asFirst[0], [...asFirst.slice(1), 'true']).status === 0;
  (canUnshare ? test.concurrent : test.skip)(
    'as its first process does not wait for orphans of the script that have ended',
    async () => {
      const order = await createOrder('#!/bin/sh\n(sleep 600 &)\necho $$; grep NSpid /proc/$PPID/status');
      // With a grace period that the test cannot wait for.
      const { ended } = start(order, { COXSWAIN_GRACE_MILLISECONDS: '600000' }, [...asFirst, ...runner]);
      expect((await ended).code).toBe(0);
      expect(await readExitRecord(blobs, order)).toMatchObject({ exitCode: 0 });
      expect(await readLog(blobs, order)).toMatch(/^NSpid:.*\s1$/m);
    },
  );
});
