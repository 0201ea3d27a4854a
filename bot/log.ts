import { logger, type Logger } from '../runtime/log.ts';

type Shown = {
  type: string;
  message: string;
  status?: number;
  stack?: string;
  cause?: Shown;
  errors?: Shown[];
};

/** Octokit and Probot hang requests, answers and whole payloads on their errors; a log line needs none of them. */
const shown = (error: unknown): Shown => {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const { status } = error as { status?: unknown };
  return {
    type: error.name,
    message: error.message,
    ...(typeof status === 'number' ? { status } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined ? {} : { cause: shown(error.cause) }),
    ...(error instanceof AggregateError ? { errors: error.errors.map(shown) } : {}),
  };
};

/** The bot's logger, which writes of an error only what it says. */
export const botLogger = (): Logger => logger('bot').child({}, { serializers: { err: shown } });
