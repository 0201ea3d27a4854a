import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { readEventMessage } from '../../../compute/orchestrator/events/event-message.ts';
import { encodings, toCloudEvent, toGridEvent, toWorkerMessage } from '../../fixtures/storage-events.ts';

const job = `job-${'ab'.repeat(16)}`;
const path = `output/${job}/000007.json`;
const schemas = { "Event Grid's schema": toGridEvent, CloudEvents: toCloudEvent };
const forms = { 'one event': (event: object) => event, 'an array': (event: object) => [event] };

const cases = Object.keys(schemas).flatMap((schema) =>
  Object.keys(forms).flatMap((form) =>
    Object.keys(encodings).map((encoding) => ({ schema, form, encoding })),
  ),
) as { schema: keyof typeof schemas; form: keyof typeof forms; encoding: string }[];

const read = (json: string, encoding = 'plain') =>
  readEventMessage(toWorkerMessage(encodings[encoding]?.(json) ?? ''));

test.each(cases)('reads $form in $schema, $encoding', ({ schema, form, encoding }) => {
  const json = JSON.stringify(forms[form](schemas[schema](path)));
  expect(read(json, encoding)).toEqual({ events: [{ blob: path }], rejected: [] });
});

test.each([
  ['another type', { ...toGridEvent(path), eventType: 'Microsoft.Storage.BlobDeleted' }],
  ['another type as CloudEvent', { ...toCloudEvent(path), type: 'Microsoft.Storage.BlobDeleted' }],
  ['a CloudEvent without a subject', { ...toCloudEvent(path), subject: undefined }],
  ['the subject of another service', { ...toGridEvent(path), subject: '/queueServices/default' }],
])('an event of no interest is an event: %s', (_, event) => {
  expect(read(JSON.stringify(event))).toEqual({ events: [{ blob: undefined }], rejected: [] });
});

test.each([
  '',
  'hello, world',
  '{"eventType":"Microsoft.Storage.BlobCreated","subject":"/blobSer',
  '/////w==',
  'null',
  '7',
  'true',
  '{}',
  '[[{"eventType":"a","subject":"b"}]]',
  '{"eventType":"Microsoft.Storage.BlobCreated"}',
  '{"eventType":"Microsoft.Storage.BlobCreated","subject":7}',
  '{"specversion":"0.3","type":"Microsoft.Storage.BlobCreated","subject":"/"}',
])('what is not an event is rejected with its text: %j', (text) => {
  const [content] = text.startsWith('[') ? [text.slice(1, -1)] : [text];
  expect(read(text)).toEqual({ events: [], rejected: [content] });
});

test('an empty array contains nothing to reject', () => {
  expect(read('[]')).toEqual({ events: [], rejected: [] });
});

const item = fc.oneof(
  fc
    .record({ blob: fc.integer({ min: 0, max: 999_999 }), isCloud: fc.boolean() })
    .map(({ blob, isCloud }) => {
      const created = `output/${job}/${String(blob).padStart(6, '0')}.json`;
      return { json: (isCloud ? toCloudEvent : toGridEvent)(created), blob: created };
    }),
  fc
    .constantFrom<unknown>(
      null,
      7,
      'text',
      '',
      {},
      [],
      [{}],
      { eventType: 7 },
      { subject: 'a' },
      { type: 'b' },
    )
    .map((json) => ({ json, blob: undefined })),
);

test('each event in an array is found, whatever is next to it, in every encoding', () => {
  fc.assert(
    fc.property(fc.array(item), fc.constantFrom(...Object.keys(encodings)), (items, encoding) => {
      const { events, rejected } = read(JSON.stringify(items.map(({ json }) => json)), encoding);
      expect(events.map(({ blob }) => blob)).toEqual(items.flatMap(({ blob }) => blob ?? []));
      const bad = items.filter(({ blob }) => blob === undefined);
      expect(rejected).toEqual(bad.map(({ json }) => JSON.stringify(json)));
    }),
    { numRuns: 500, seed: 20_261_130 },
  );
});

test('any text can be read without an error', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), fc.base64String()), (text) => {
      const { events, rejected } = read(text);
      const isEmptyArray = JSON.stringify(toWorkerMessage(text)) === '[]';
      expect(events.length + rejected.length > 0).toBe(!isEmptyArray);
    }),
    { numRuns: 2_000, seed: 20_261_130 },
  );
});
