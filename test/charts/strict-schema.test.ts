import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import {
  toCustomSchemas,
  toKindSchemas,
  toStrictSchema,
  type KubernetesSchema,
} from '../../.ci/verify/chart/strict-schema.ts';

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const quantity = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const definitions: Record<string, KubernetesSchema> = {
  [objectMeta]: { type: 'object', properties: { name: { type: 'string' } } },
  [quantity]: { type: 'string' },
  Port: { type: 'string', format: 'int-or-string' },
  Widget: {
    type: 'object',
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { $ref: `#/definitions/${objectMeta}` },
      port: { $ref: '#/definitions/Port' },
      size: { $ref: `#/definitions/${quantity}` },
    },
    'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'Widget' }],
  },
  DeleteOptions: {
    type: 'object',
    'x-kubernetes-group-version-kind': [
      { group: 'a', version: 'v1', kind: 'DeleteOptions' },
      { group: 'b', version: 'v1', kind: 'DeleteOptions' },
    ],
  },
};

const accepts = (schema: object, value: unknown): boolean =>
  new Ajv({ strict: false }).validate(schema, value);

describe('the schemas for kubeconform', () => {
  const cases: [title: string, schema: KubernetesSchema, accepted: unknown[], refused: unknown[]][] = [
    [
      'refuse unknown fields',
      { type: 'object', properties: { a: { type: 'string' } } },
      [{}, { a: 'x' }],
      [{ b: 1 }, { a: 1 }],
    ],
    [
      'keep what may have any field open',
      { type: 'object', properties: {}, 'x-kubernetes-preserve-unknown-fields': true },
      [{ b: 1 }],
      [1],
    ],
    [
      'check the values of maps',
      { type: 'object', additionalProperties: { type: 'string' } },
      [{ a: 'x' }],
      [{ a: 1 }],
    ],
    ['read numbers and strings', { 'x-kubernetes-int-or-string': true }, [1, '25%'], [true, null]],
    ['refuse null', { type: 'string' }, ['x'], [null]],
    ['accept null where it is declared', { type: 'string', nullable: true }, ['x', null], [1]],
    ['refuse large numbers', { type: 'integer', format: 'int32' }, [2 ** 31 - 1], [2 ** 31]],
    [
      'do not close restrictions of declared fields',
      {
        type: 'object',
        properties: { a: { type: 'string' }, b: { type: 'string' } },
        anyOf: [{ properties: { a: { enum: ['x'] } }, required: ['a'] }],
      },
      [{ a: 'x', b: 'y' }],
      [{ b: 'y' }, { a: 'y' }],
    ],
  ];
  for (const [title, schema, accepted, refused] of cases)
    test(title, () => {
      const strict = toStrictSchema(schema);
      expect(accepted.filter((value) => !accepts(strict, value))).toEqual([]);
      expect(refused.filter((value) => accepts(strict, value))).toEqual([]);
    });

  test('describe each kind of Kubernetes alone, with the definitions that it needs', () => {
    const [widget, ...others] = toKindSchemas(definitions);
    expect(others).toEqual([]);
    expect(widget).toMatchObject({ group: '', version: 'v1', kind: 'Widget' });
    const object = { apiVersion: 'v1', kind: 'Widget', metadata: { name: 'a' }, port: 80, size: 1.5 };
    expect(accepts(widget!.schema, object)).toBe(true);
    const broken = [
      { ...object, apiVersion: 'v2' },
      { ...object, metadata: { label: 'a' } },
      { ...object, size: true },
      { apiVersion: 'v1', kind: 'Widget' },
    ];
    expect(broken.filter((value) => accepts(widget!.schema, value))).toEqual([]);
  });

  test('check the metadata of custom resources', () => {
    const spec = {
      group: 'keda.sh',
      names: { kind: 'ScaledObject' },
      versions: [
        {
          name: 'v1alpha1',
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: { metadata: { type: 'object' }, spec: { type: 'object', properties: {} } },
              required: ['spec'],
            },
          },
        },
      ],
    };
    const [custom] = toCustomSchemas({ kind: 'CustomResourceDefinition', spec }, definitions);
    const object = {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledObject',
      metadata: { name: 'a' },
      spec: {},
    };
    expect(accepts(custom!.schema, object)).toBe(true);
    expect(accepts(custom!.schema, { ...object, metadata: { label: 'a' } })).toBe(false);
    expect(accepts(custom!.schema, { ...object, spec: { a: 1 } })).toBe(false);
  });
});
