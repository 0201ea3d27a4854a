import { createLogger, type Logger } from '../runtime/log.ts';

type SerializedError = {
  type: string;
  message: string;
  status?: number;
  stack?: string;
  cause?: SerializedError;
  errors?: SerializedError[];
};

/** Returns an error without the requests, responses and payloads that Octokit and Probot attach to it. */
const serializeError = (error: unknown): SerializedError => {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const { status } = error as { status?: unknown };
  return {
    type: error.name,
    message: error.message,
    ...(typeof status === 'number' ? { status } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined ? {} : { cause: serializeError(error.cause) }),
    ...(error instanceof AggregateError ? { errors: error.errors.map(serializeError) } : {}),
  };
};

/** Returns the bot's logger, which logs only the essential fields of errors. */
export const createBotLogger = (): Logger =>
  createLogger('bot').child({}, { serializers: { err: serializeError } });
