import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

type Json = { [key: string]: unknown };
type Examples = { name: string; examples: (Json & { action?: string })[] }[];

const examples = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve('@octokit/webhooks-examples'), 'utf8'),
) as Examples;

/**
 * The paths of what GitHub really sent with such an event and the payload lacks, or has as another type. What is null in either says
 * nothing of types.
 */
export const missingFrom = (payload: unknown, event: string, action: string): string[] => {
  const ofEvent = examples.find(({ name }) => name === event)?.examples;
  const found = ofEvent?.find((example) => example.action === action);
  if (!found) throw new Error(`There is no example of ${event}.${action}`);
  return missing(found, payload);
};

const missing = (example: unknown, payload: unknown, path = ''): string[] => {
  if (example === null || payload === null) return [];
  if (typeof example !== typeof payload || Array.isArray(example) !== Array.isArray(payload)) return [path];
  if (typeof example !== 'object' || Array.isArray(example)) return [];
  return Object.entries(example as Json).flatMap(([key, value]) =>
    key in (payload as Json) ? missing(value, (payload as Json)[key], `${path}/${key}`) : [`${path}/${key}`],
  );
};
