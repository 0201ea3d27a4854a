import { test } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { forwardWebhooks } from '../../../bot/server/webhook-proxy.ts';
import { waitUntil } from '../../fixtures/bot-fixture.ts';
import { openServer } from '../../fixtures/bot-server.ts';
import { createHmac } from 'node:crypto';

test('webhooks from a channel reach the bot, signature and all', async () => {
  const server = await openServer();
  const body = { zen: 'Keep it logically awesome.' };
  const signature = createHmac('sha256', 'a secret').update(JSON.stringify(body)).digest('hex');
  const channel = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const headers = {
      'x-github-event': 'ping',
      'x-github-delivery': '1',
      'x-hub-signature-256': `sha256=${signature}`,
    };
    response.write(`event: ready\ndata: {}\n\ndata: ${JSON.stringify({ ...headers, body, query: {} })}\n\n`);
  });
  await new Promise<void>((resolve) => channel.listen(0, '127.0.0.1', resolve));
  const source = `http://127.0.0.1:${(channel.address() as AddressInfo).port}/channel`;
  const target = `${server.url}/api/github/webhooks`;
  const stop = await forwardWebhooks({ source, target }, pino({ level: 'silent' }));
  try {
    let shown = '';
    await waitUntil('the webhook', () => {
      void server.metrics.registry.metrics().then((text) => (shown = text));
      return shown.includes('coxswain_webhooks_total{event="ping",outcome="ignored"} 1');
    });
  } finally {
    await stop();
    channel.closeAllConnections();
    await new Promise((resolve) => channel.close(resolve));
    await server.close();
  }
});
