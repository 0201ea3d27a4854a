import { toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import { PolicyFile } from '../../chatops/policy/policy-schema.ts';

/** As much of a JSON Schema as the policy's has. */
export type JsonSchema = {
  description?: string;
  enum?: string[];
  default?: unknown;
  examples?: unknown[];
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | false;
};

/** Returns the JSON Schema (draft 2020-12) of a part of the policy file, without the checks that only the reader makes. */
export const buildJsonSchema = (schema: v.GenericSchema): JsonSchema =>
  toJsonSchema(schema, {
    target: 'draft-2020-12',
    errorMode: 'ignore',
    overrideSchema: ({ valibotSchema, jsonSchema }) => {
      if (valibotSchema.type !== 'object_with_rest') return undefined;
      const { required = [], ...rest } = jsonSchema;
      return { ...rest, additionalProperties: false, ...(required.length > 0 ? { required } : {}) };
    },
  }) as JsonSchema;

/** Returns the content of `docs/coxswain.schema.json`, which editors read. */
export const renderPolicySchema = (): string => {
  const { $schema, ...rest } = buildJsonSchema(PolicyFile) as JsonSchema & { $schema: string };
  const title = 'Coxswain: .github/coxswain.yml';
  return `${formatJson({ $schema, title, ...rest })}\n`;
};

const width = 110;

/** Formats JSON like this repository's formatter: a list of plain values is on one line if it fits. */
const formatJson = (value: unknown, indent = '', before = 0): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const line = formatOnOneLine(value);
    // A comma may follow.
    if (line !== undefined && before + line.length < width) return line;
    return formatOnLines(
      ['[', ']'],
      value.map((one) => formatJson(one, inner, inner.length)),
      indent,
    );
  }
  const entries = Object.entries(value).map(([key, one]) => {
    const start = `${JSON.stringify(key)}: `;
    return start + formatJson(one, inner, inner.length + start.length);
  });
  return entries.length === 0 ? '{}' : formatOnLines(['{', '}'], entries, indent);
};

/** Formats a list on one line; undefined if it contains a mapping. */
const formatOnOneLine = (list: readonly unknown[]): string | undefined => {
  const items = list.map((one) => {
    if (Array.isArray(one)) return formatOnOneLine(one);
    return typeof one === 'object' ? undefined : JSON.stringify(one);
  });
  return items.includes(undefined) ? undefined : `[${items.join(', ')}]`;
};

const formatOnLines = ([open, close]: readonly [string, string], items: string[], indent: string): string =>
  `${open}\n${items.map((item) => `${indent}  ${item}`).join(',\n')}\n${indent}${close}`;
