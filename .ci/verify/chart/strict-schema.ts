/**
 * A schema of an object of Kubernetes: from its OpenAPI description (version 2), or from a CustomResourceDefinition. Both are dialects of
 * JSON Schema.
 */
export type KubernetesSchema = {
  $ref?: string;
  type?: string;
  format?: string;
  properties?: Record<string, KubernetesSchema>;
  additionalProperties?: KubernetesSchema | boolean;
  items?: KubernetesSchema;
  anyOf?: KubernetesSchema[];
  oneOf?: KubernetesSchema[];
  allOf?: KubernetesSchema[];
  not?: KubernetesSchema;
  nullable?: boolean;
  'x-kubernetes-int-or-string'?: boolean;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[];
} & { [keyword in Kept]?: unknown };

/** Keywords that mean the same in all three dialects. */
const kept = [
  'enum',
  'pattern',
  'required',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'uniqueItems',
] as const;
type Kept = (typeof kept)[number];

export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * Converts a schema of Kubernetes to JSON Schema. The result refuses what the API server refuses or drops in silence: unknown fields,
 * integers of more than 32 bits. It also refuses null, which the API server reads as an absent field: in a rendered chart, null is the
 * remainder of a template that had nothing to write.
 * @param closed whether unknown fields are refused. Not below `anyOf`, `oneOf`, `allOf` and `not`, which restrict fields that are
 *   declared beside them.
 */
export const toStrictSchema = (schema: KubernetesSchema, closed = true): JsonSchema => {
  if (schema.$ref !== undefined) return { $ref: schema.$ref };
  const { properties, additionalProperties, items, not } = schema;
  const fields = Object.fromEntries(
    kept.flatMap((keyword) => (schema[keyword] === undefined ? [] : [[keyword, schema[keyword]]])),
  );
  const isClosed = closed && properties && !schema['x-kubernetes-preserve-unknown-fields'];
  return {
    ...(schema.format === 'int32' ? { minimum: -(2 ** 31), maximum: 2 ** 31 - 1 } : {}),
    ...fields,
    ...toType(schema),
    ...(properties ? { properties: mapValues(properties, (field) => toStrictSchema(field, closed)) } : {}),
    ...(isClosed ? { additionalProperties: false } : {}),
    ...(additionalProperties === undefined ? {} : { additionalProperties: toRest(additionalProperties) }),
    ...(items ? { items: toStrictSchema(items, closed) } : {}),
    ...toAlternatives(schema),
    ...(not ? { not: toStrictSchema(not, false) } : {}),
  };
};

const toType = (schema: KubernetesSchema): JsonSchema => {
  const { type, format, nullable } = schema;
  if (schema['x-kubernetes-int-or-string'] || format === 'int-or-string')
    return { type: ['integer', 'string'] };
  if (type === undefined) return {};
  return { type: nullable ? [type, 'null'] : type };
};

const toRest = (schema: KubernetesSchema | boolean): JsonSchema | boolean =>
  typeof schema === 'boolean' ? schema : toStrictSchema(schema);

const toAlternatives = (schema: KubernetesSchema): JsonSchema =>
  Object.fromEntries(
    (['anyOf', 'oneOf', 'allOf'] as const).flatMap((keyword) => {
      const list = schema[keyword];
      return list ? [[keyword, list.map((item) => toStrictSchema(item, false))]] : [];
    }),
  );

const mapValues = <T, U>(object: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value)]));

type Definitions = Readonly<Record<string, KubernetesSchema>>;

/** A schema that stands alone, and the kind of object that it describes. */
export type KindSchema = { group: string; version: string; kind: string; schema: JsonSchema };

const dialect = 'http://json-schema.org/draft-07/schema#';
const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/**
 * Returns a schema for each kind in Kubernetes' OpenAPI description.
 * @param definitions `definitions` of api/openapi-spec/swagger.json
 */
export const toKindSchemas = (definitions: Definitions): KindSchema[] =>
  Object.entries(definitions).flatMap(([name, definition]) => {
    const [id, ...others] = definition['x-kubernetes-group-version-kind'] ?? [];
    // Definitions of several kinds, such as DeleteOptions, are not for files.
    if (!id || others.length > 0) return [];
    return [{ ...id, schema: standAlone(fixIdentity(definition, id), definitions, name) }];
  });

/** A CustomResourceDefinition, as far as its schemas are concerned. */
export type CustomResourceDefinition = {
  kind: string;
  spec: {
    group: string;
    names: { kind: string };
    versions: { name: string; schema?: { openAPIV3Schema: KubernetesSchema } }[];
  };
};

/** Returns a schema for each version of a custom resource. */
export const toCustomSchemas = ({ spec }: CustomResourceDefinition, definitions: Definitions): KindSchema[] =>
  spec.versions.flatMap(({ name: version, schema }) => {
    if (!schema) return [];
    const id = { group: spec.group, version, kind: spec.names.kind };
    const root = fixIdentity(schema.openAPIV3Schema, id);
    const properties = { ...root.properties, metadata: { $ref: `#/definitions/${objectMeta}` } };
    return [{ ...id, schema: standAlone({ ...root, properties }, definitions) }];
  });

type Identity = { group: string; version: string; kind: string };

/** Requires the apiVersion and the kind that the schema describes. */
const fixIdentity = (schema: KubernetesSchema, { group, version, kind }: Identity): KubernetesSchema => ({
  ...schema,
  properties: {
    ...schema.properties,
    apiVersion: { type: 'string', enum: [group ? `${group}/${version}` : version] },
    kind: { type: 'string', enum: [kind] },
  },
  required: [
    ...new Set([...((schema.required as string[] | undefined) ?? []), 'apiVersion', 'kind', 'metadata']),
  ],
});

/** Adds the definitions that a schema refers to, directly or not. */
const standAlone = (root: KubernetesSchema, definitions: Definitions, name?: string): JsonSchema => {
  const reached: Record<string, JsonSchema> = {};
  const add = (schema: JsonSchema): void => {
    for (const [, name = ''] of JSON.stringify(schema).matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g)) {
      if (name in reached) continue;
      reached[name] = toDefinition(name, definitions[name]);
      add(reached[name]);
    }
  };
  const schema = toStrictSchema(root);
  add(schema);
  return { $schema: dialect, ...(name ? { title: name } : {}), ...schema, definitions: reached };
};

const toDefinition = (name: string, definition: KubernetesSchema | undefined): JsonSchema => {
  if (!definition) throw new Error(`no definition "${name}" in Kubernetes' OpenAPI description`);
  // Described as a string only; the API server reads numbers, too.
  if (name.endsWith('.resource.Quantity')) return { type: ['string', 'number'] };
  return toStrictSchema(definition);
};
