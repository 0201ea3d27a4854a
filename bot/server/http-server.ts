import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { sendResponse } from '../../runtime/http/send-response.ts';
import { systemClock, type Clock } from '../../runtime/async/clock.ts';
import { UploadError, Uploads } from '../../runtime/http/uploads.ts';
import type { BotMetrics } from '../metrics.ts';
import { findHeaderProblem } from './webhook-headers.ts';

export const webhooksPath = '/api/github/webhooks';

/**
 * The maximum payload in bytes, more than GitHub sends for the events that we handle. Three texts of 65 536 characters, each up to
 * 12 bytes as JSON, are 2.25 MiB; see docs/decisions/20-request-bodies.md.
 */
export const maxPayloadBytes = 4 * 1024 * 1024;
/** Limits of payloads in transit. Signatures are checked on whole bodies, so anyone can send these. */
const uploadLimits = { maxTotalBytes: 8 * maxPayloadBytes, maxUploads: 1_500 };

/** A webhook after its body was read. */
export type WebhookRequest = IncomingMessage & { body: string };

/** Handles a webhook. Returns undefined if it answered, or the reason for refusing the request. */
type WebhookMiddleware = (request: WebhookRequest, response: ServerResponse) => Promise<string | undefined>;

/** Serves webhooks and health probes. */
export class BotHttpServer {
  readonly #webhooks: WebhookMiddleware;
  readonly #metrics: BotMetrics;
  readonly #clock: Clock;
  readonly #uploads: Uploads;
  readonly #inFlight = new Set<Promise<void>>();
  #isDraining = false;

  constructor(webhooks: WebhookMiddleware, metrics: BotMetrics, clock: Clock = systemClock) {
    this.#webhooks = webhooks;
    this.#metrics = metrics;
    this.#clock = clock;
    this.#uploads = new Uploads(uploadLimits, clock);
  }

  readonly listener: RequestListener = (request, response) => {
    const answered = this.#respond(request, response).catch(() => void response.destroy());
    this.#inFlight.add(answered);
    void answered.then(() => this.#inFlight.delete(answered));
  };

  /** Refuses further webhooks, which GitHub then counts as failed. Resolves when all requests are answered. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    await Promise.all(this.#inFlight);
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path] = (request.url ?? '/').split('?');
    if (path === webhooksPath) return this.#handleWebhook(request, response);
    const { status, text } = this.#getProbeResponse(path);
    await this.#send(request, response, status, text);
  }

  #getProbeResponse(path: string | undefined): { status: number; text: string } {
    if (path === '/healthz') return { status: 200, text: 'ok\n' };
    if (path === '/readyz')
      return this.#isDraining ? { status: 503, text: 'stopping\n' } : { status: 200, text: 'ready\n' };
    return { status: 404, text: 'not found\n' };
  }

  async #handleWebhook(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#isDraining) return this.#send(request, response, 503, 'stopping\n');
    const refused = findHeaderProblem(request);
    if (refused) return this.#send(request, response, refused.status, `${refused.message}\n`);
    const end = this.#metrics.answerSeconds.startTimer();
    await this.#receive(request, response);
    end({ status: response.statusCode });
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body: string;
    try {
      body = (await this.#uploads.read(request, response, maxPayloadBytes)).toString('utf8');
    } catch (error) {
      if (!(error instanceof UploadError)) throw error;
      return this.#send(request, response, error.status, `${error.message}\n`);
    }
    const problem = await this.#webhooks(Object.assign(request, { body }), response);
    if (problem !== undefined) await this.#send(request, response, 400, `${problem}\n`);
  }

  #send(request: IncomingMessage, response: ServerResponse, status: number, text: string): Promise<void> {
    const headers = [
      'content-type',
      'text/plain; charset=utf-8',
      ...(status === 405 ? ['allow', 'POST'] : []),
    ];
    const lingers = status !== 408 && status !== 503;
    return sendResponse(
      request,
      response,
      { status, headers, body: Buffer.from(text) },
      { clock: this.#clock, lingers },
    );
  }
}
