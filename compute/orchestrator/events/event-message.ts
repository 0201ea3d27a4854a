import * as v from 'valibot';
import { parseJson } from '../../../contracts/problem.ts';
import { readEvent, type StorageEvent } from './storage-event.ts';

/** The contents of a queue message. `rejected`: the text of each part that is not an event. */
export type EventMessage = { events: StorageEvent[]; rejected: string[] };

/**
 * Reads a message of the queue `events`: one event or an array of events, as JSON or as base64 of JSON. Event Grid's encoding has changed
 * between the two.
 * @param message the message as the Functions worker passes it: parsed if it is JSON, otherwise its text
 */
export const readEventMessage = (message: unknown): EventMessage => {
  const content = typeof message === 'string' ? parseText(message) : { value: message };
  // Text that cannot be parsed is rejected as it arrived.
  if (!content) return { events: [], rejected: [String(message)] };
  const result: EventMessage = { events: [], rejected: [] };
  for (const item of Array.isArray(content.value) ? content.value : [content.value]) {
    const event = readEvent(item);
    if (event) result.events.push(event);
    else result.rejected.push(JSON.stringify(item) ?? '');
  }
  return result;
};

/** Parses JSON, or base64 of JSON in UTF-8. Node's decoder ignores characters that are not base64, so only JSON that parses counts. */
const parseText = (text: string): { value: unknown } | undefined => {
  const decodings = [text, Buffer.from(text, 'base64').toString()];
  return decodings.map((decoded) => parseJson(v.unknown(), decoded)).find((read) => read.ok);
};
