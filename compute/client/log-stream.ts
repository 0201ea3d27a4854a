import { createParser, type EventSourceMessage } from 'eventsource-parser';
import * as v from 'valibot';
import {
  getProblem,
  OrchestratorError,
  parseAnswer,
  toOrchestratorError,
  type HttpSend,
} from './http-call.ts';
import type { LogChunk } from './port.ts';

/** What a stream of a log delivers. `heartbeat`: the connection is alive. `end`: the job has ended, and everything was sent. */
export type LogEvent = ({ kind: 'log' } & LogChunk) | { kind: 'heartbeat' | 'end' };

/** Opens a stream of a log; undefined if the orchestrator does not stream. Iterating throws if the stream breaks off. */
export type OpenLogStream = (
  path: string,
  signal: AbortSignal,
) => Promise<AsyncIterable<LogEvent> | undefined>;

/** The maximum time until the answer begins, and between two events: the orchestrator sends one every 15 s. */
const maxSilenceMilliseconds = { answer: 8_000, events: 45_000 };

/** The maximum length of an event, in characters: a text of 64 KiB, of which JSON writes some bytes as six characters. */
const maxEventLength = 1024 * 1024;

/** Returns a function that opens streams. It throws `OrchestratorError`. */
export const createLogStreamOpener =
  (send: HttpSend): OpenLogStream =>
  async (path, signal) => {
    const silence = startSilenceTimer();
    const connection = AbortSignal.any([signal, silence.signal]);
    const body = await send({ method: 'GET', path, signal: connection }, getEventStream).finally(
      silence.stop,
    );
    return body && readEvents(body, silence);
  };

/** A timer that aborts its signal. */
type SilenceTimer = { signal: AbortSignal; restart: () => void; stop: () => void };

const startSilenceTimer = (): SilenceTimer => {
  const abort = new AbortController();
  const end = (): void => abort.abort(new DOMException('The stream was silent for too long', 'TimeoutError'));
  let timer = setTimeout(end, maxSilenceMilliseconds.answer);
  const stop = (): void => clearTimeout(timer);
  const restart = (): void => {
    stop();
    timer = setTimeout(end, maxSilenceMilliseconds.events);
  };
  return { signal: abort.signal, restart, stop };
};

type Chunks = AsyncIterableIterator<Uint8Array>;

/** Returns the body of an answer that is a stream. */
const getEventStream = async (response: Response): Promise<Chunks | undefined> => {
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
  // Locked at once: fetch cancels a body that nobody reads when the answer is garbage-collected.
  if (response.ok && isStream && response.body) return response.body.values();
  const { status } = response;
  const body = await response.json().catch(() => undefined);
  // An orchestrator of an older version answers with the end of the log.
  if (
    response.ok ||
    getProblem(body)?.code === 'streams-off' ||
    getProblem(body)?.code === 'too-many-streams'
  )
    return undefined;
  throw toOrchestratorError({ status, body });
};

async function* readEvents(body: Chunks, silence: SilenceTimer): AsyncGenerator<LogEvent> {
  const decoder = new TextDecoder();
  const events: LogEvent[] = [];
  const parser = createParser({
    maxBufferSize: maxEventLength,
    onEvent: (event) => void events.push(parseEvent(event)),
    onComment: () => void events.push({ kind: 'heartbeat' }),
    onError: (cause) => {
      throw new OrchestratorError('The orchestrator sent an event that cannot be read', 200, { cause });
    },
  });
  try {
    silence.restart();
    for await (const chunk of body) {
      // A reader that takes its time is not silence.
      silence.stop();
      parser.feed(decoder.decode(chunk, { stream: true }));
      yield* events.splice(0);
      silence.restart();
    }
  } finally {
    silence.stop();
  }
}

const LogEventData = v.pipe(v.string(), v.parseJson(), v.string());
const LogEventId = v.pipe(v.string(), v.digits(), v.transform(Number));

const parseEvent = ({ event, id, data }: EventSourceMessage): LogEvent => {
  if (event === 'end') return { kind: 'end' };
  // Later versions can send other events.
  if (event !== 'log') return { kind: 'heartbeat' };
  return { kind: 'log', text: parseAnswer(LogEventData, data), offset: parseAnswer(LogEventId, id) };
};
