import { parseRetryAfter } from '../../../runtime/async/retry-after.ts';

/** What an answer of Azure Resource Manager says, or that there was none. */
type ArmFailure = {
  /** The HTTP status; null if there was no answer. */
  status: number | null;
  /** Azure's code for the cause, such as `ContainerGroupQuotaReached`, or the code of a network error. */
  code: string | null;
  /** Azure's own words. */
  detail: string;
  /** How long Azure asks to wait. */
  retryAfterSeconds: number | null;
  /** Whether the request may have had an effect: it was sent, and not refused. */
  isOutcomeUnknown: boolean;
};

/**
 * A call of Azure Resource Manager failed. It holds nothing of the request: the SDK's own error holds all of it, with the body and the
 * token, so it must neither be logged nor be its cause.
 */
export class ArmError extends Error {
  override name = 'ArmError';
  readonly status: number | null;
  readonly code: string | null;
  readonly detail: string;
  readonly retryAfterSeconds: number | null;
  readonly isOutcomeUnknown: boolean;

  constructor(what: string, failure: ArmFailure) {
    const { status, code, detail } = failure;
    const answer = status === null ? 'did not answer' : `answered ${status}`;
    super(`Azure Resource Manager ${answer} (${what}): ${code === null ? '' : `${code}: `}${detail}`);
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.retryAfterSeconds = failure.retryAfterSeconds;
    this.isOutcomeUnknown = failure.isOutcomeUnknown;
  }
}

/** The orchestrator's identity got no token, so no request was sent. */
export class TokenError extends Error {
  override name = 'TokenError';
}

/** The part of the SDK's errors that is used. Errors of its pipeline are recognized by their fields, since there are several copies of it. */
type SdkError = {
  name?: string;
  code?: unknown;
  message?: unknown;
  statusCode?: unknown;
  response?: { status?: number; headers?: { get(name: string): string | undefined } };
};

const maxDetailLength = 500;

/** How long to wait if Azure throttles without saying for how long. */
export const defaultRetryAfterSeconds = 30;

/** Network errors before a connection exists. */
const unsentCodes = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];

/** Returns an error of the SDK without its request. @param redact removes the secrets of the request from a text */
export const toArmError = (
  what: string,
  thrown: unknown,
  { now, redact }: { now: number; redact: (text: string) => string },
): ArmError => {
  const { name, code, message, statusCode, response } = thrown as SdkError;
  const status = typeof statusCode === 'number' ? statusCode : (response?.status ?? null);
  const text = redact(String(message ?? thrown))
    .replaceAll(/\s+/g, ' ')
    .trim();
  const isUnsent = typeof code === 'string' && unsentCodes.includes(code);
  // Other errors than those of a request or an interrupted one are thrown before it is sent.
  const isRequest = name === 'RestError' || name === 'AbortError';
  return new ArmError(what, {
    status,
    code: typeof code === 'string' && code !== '' ? code : null,
    detail: text.length > maxDetailLength ? `${text.slice(0, maxDetailLength)}…` : text,
    retryAfterSeconds: readRetryAfter(response?.headers?.get('retry-after'), now),
    isOutcomeUnknown: status === null ? isRequest && !isUnsent : status === 408 || status >= 500,
  });
};

/** The maximum delay that is accepted: the limiter remembers it for all processes, so a wrong date must not stop all launches. */
const maxRetryAfterSeconds = 3_600;

const readRetryAfter = (header: string | undefined, now: number): number | null => {
  const seconds = parseRetryAfter(header, now);
  return seconds === undefined ? null : Math.min(Math.ceil(seconds), maxRetryAfterSeconds);
};
