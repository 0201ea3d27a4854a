import { readFileSync } from 'node:fs';

import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const schemas = JSON.parse(
  readFileSync(new URL('../../fixtures/github/openapi/schemas.json', import.meta.url), 'utf8'),
) as object;

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(schemas);

/** What is wrong with a value, held against one of GitHub's own schemas; empty if it is right. */
export const faultsIn = (value: unknown, schema: string): string[] => {
  const validate = ajv.getSchema(`github#/$defs/${schema}`);
  if (!validate) throw new Error(`There is no schema ${schema}`);
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
};
