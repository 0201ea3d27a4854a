import { expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { pino } from 'pino';
import { connectGitHub } from '../../bot/github.ts';
import { classifyError } from '../../chatops/github/classify-error.ts';
import { createBotMetrics } from '../../bot/metrics.ts';
import { maskSecrets } from '../../runtime/log.ts';
import { listen, createWebListener } from '../../runtime/http-server.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

test('whether GitHub answers, and what it grants each installation, shows in the metrics', async () => {
  const metrics = createBotMetrics();
  const answers = [200, 404, 502, 200];
  let left = 4_000;
  const served = await listen(
    createWebListener(
      async ({ url }) => {
        if (url.endsWith('/access_tokens')) {
          const expires = new Date(Date.now() + 3_600_000).toISOString();
          return Response.json(
            { token: 'v1.token-of-installation-3', expires_at: expires, permissions: {} },
            { status: 201 },
          );
        }
        const reset = String(Math.ceil(Date.now() / 1_000) + 600);
        const headers = {
          'x-ratelimit-limit': '5000',
          'x-ratelimit-remaining': String((left -= 1_000)),
          'x-ratelimit-reset': reset,
        };
        return Response.json({}, { status: answers.shift() ?? 500, headers });
      },
      (error) => console.error(error),
    ),
    { what: 'a stand-in', port: 0 },
  );
  const app = { id: 77, privateKey: pem, webhookSecret: 'a secret' };
  const address = { apiUrl: served.url, webUrl: served.url, host: 'github.com', throttle: false };
  const github = connectGitHub({ app, github: address }, pino({ level: 'silent' }), metrics);
  const octokit = github.installation(3);
  const seen: string[] = [];
  const ask = async () => {
    await octokit.request('GET /meta', { request: { retries: 0 } }).catch(() => {});
    const shown = await metrics.registry.metrics();
    const value = (name: string) =>
      shown
        .split('\n')
        .find((line) => line.startsWith(name))
        ?.split(' ')[1];
    seen.push(`${value('coxswain_github_up')} ${value('coxswain_github_quota_remaining{installation="3"}')}`);
  };
  try {
    for (let n = 0; n < 4; n += 1) await ask();
    expect(seen).toEqual(['1 3000', '1 2000', '0 1000', '1 0']);
    expect(maskSecrets('log in with v1.token-of-installation-3')).toBe('log in with [redacted]');
    expect(github.quotas.isBelow(0.2, 3)).toBe(true);
    expect(github.quotas.isBelow(0.2, 4)).toBe(false);
  } finally {
    await served.close();
  }
});

test('during a rate limit, the installation makes no calls, including reads', async () => {
  const answers = [
    Response.json({ message: 'You have triggered an abuse detection mechanism.' }, { status: 403 }),
    Response.json({}),
    Response.json({ message: 'Validation Failed', errors: [{ code: 'abuse' }] }, { status: 422 }),
    Response.json({}),
  ];
  const asked: string[] = [];
  const served = await listen(
    createWebListener(
      async ({ url }) => {
        if (url.endsWith('/access_tokens')) {
          const expires = new Date(Date.now() + 3_600_000).toISOString();
          return Response.json({ token: 'ghs_test', expires_at: expires, permissions: {} }, { status: 201 });
        }
        asked.push(url);
        return answers.shift() ?? Response.json({}, { status: 500 });
      },
      (error) => console.error(error),
    ),
    { what: 'a stand-in', port: 0 },
  );
  const app = { id: 77, privateKey: pem, webhookSecret: 'a secret' };
  const address = { apiUrl: served.url, webUrl: served.url, host: 'github.com', throttle: false };
  const github = connectGitHub({ app, github: address }, pino({ level: 'silent' }), createBotMetrics());
  try {
    const [limited, other] = [github.installation(3), github.installation(4)];
    await expect(limited.request('GET /meta')).rejects.toMatchObject({ status: 403 });
    const held = limited.request('GET /meta');
    await expect(held).rejects.toThrow('GitHub’s rate limit: not calling GET /meta for another');
    expect(classifyError(await held.catch((error: unknown) => error))?.kind).toBe('rate-limited');
    expect(asked).toHaveLength(1);
    await other.request('GET /meta');
    // One write that came too soon holds up nothing else.
    await expect(other.request('POST /markdown')).rejects.toMatchObject({ status: 422 });
    await other.request('GET /meta');
    expect(asked).toHaveLength(4);
  } finally {
    await served.close();
  }
});
