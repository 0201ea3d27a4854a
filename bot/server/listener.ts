import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { BotMetrics } from '../metrics.ts';

export const webhooksPath = '/api/github/webhooks';

/** GitHub's own bound on a payload, in bytes. */
const payloadLimit = 25 * 1024 * 1024;
/** Bodies that are held at a time, in bytes. Signatures are checked on whole bodies, so strangers could fill the memory with them. */
const heldLimit = 8 * payloadLimit;

type Middleware = (request: IncomingMessage, response: ServerResponse) => unknown;

/** What the bot answers over HTTP. */
export class BotListener {
  readonly #webhooks: Middleware;
  readonly #metrics: BotMetrics;
  readonly #open = new Set<Promise<void>>();
  #draining = false;
  #heldBytes = 0;

  constructor(webhooks: Middleware, metrics: BotMetrics) {
    this.#webhooks = webhooks;
    this.#metrics = metrics;
  }

  readonly listener: RequestListener = (request, response) => {
    const answered = this.#answer(request, response).catch(() => void response.destroy());
    this.#open.add(answered);
    void answered.then(() => this.#open.delete(answered));
  };

  /** Takes no further webhook, which GitHub then counts as failed; resolves when those under way are answered. */
  async drain(): Promise<void> {
    this.#draining = true;
    await Promise.all(this.#open);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path] = (request.url ?? '/').split('?');
    if (path === webhooksPath) return this.#webhook(request, response);
    if (path === '/healthz') return send(response, 200, 'ok\n');
    if (path === '/readyz')
      return this.#draining ? send(response, 503, 'stopping\n') : send(response, 200, 'ready\n');
    if (path === '/metrics') return this.#showMetrics(response);
    return send(response, 404, 'not found\n');
  }

  async #webhook(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#draining) return send(response, 503, 'stopping\n');
    if (Number(request.headers['content-length'] ?? 0) > payloadLimit) {
      return send(response, 413, `a payload has at most ${payloadLimit} bytes\n`, { connection: 'close' });
    }
    const end = this.#metrics.answerSeconds.startTimer();
    await this.#withBody(request, response, async (body) => {
      // Probot takes a body that was read before; by itself it would read one of any size.
      await this.#webhooks(Object.assign(request, { body }), response);
    });
    end({ status: response.statusCode });
  }

  /** Reads the body as text for `use`, and holds it no longer than that. @throws if it is larger than it may be: the connection is cut */
  async #withBody(
    request: IncomingMessage,
    response: ServerResponse,
    use: (body: string) => Promise<void>,
  ): Promise<void> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        this.#heldBytes += chunk.length;
        if (bytes > payloadLimit) throw new Error('The payload is too large');
        if (this.#heldBytes > heldLimit) return send(response, 503, 'busy\n', { connection: 'close' });
        chunks.push(chunk);
      }
      await use(Buffer.concat(chunks).toString('utf8'));
    } finally {
      this.#heldBytes -= bytes;
    }
  }

  async #showMetrics(response: ServerResponse): Promise<void> {
    const { registry } = this.#metrics;
    send(response, 200, await registry.metrics(), { 'content-type': registry.contentType });
  }
}

const send = (
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }).end(text);
};
