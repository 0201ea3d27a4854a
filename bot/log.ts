import { createLogger, type Logger } from '../runtime/log.ts';

type SerializedError = {
  type: string;
  message: string;
  status?: number;
  stack?: string;
  cause?: SerializedError;
  errors?: SerializedError[];
};

/** Octokit and Probot hang requests, answers and whole payloads on their errors; a log line needs none of them. */
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

/** The bot's logger, which writes of an error only what it says. */
export const createBotLogger = (): Logger =>
  createLogger('bot').child({}, { serializers: { err: serializeError } });
