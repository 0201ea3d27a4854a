import { installationId } from '../accounts.ts';
import type { DeliveryRow } from '../store/deliveries.ts';

/** Serializes a finished delivery as GitHub's `hook-delivery-item`. */
export const serializeDelivery = (delivery: DeliveryRow, repositoryId: number) => ({
  id: delivery.id,
  guid: delivery.guid,
  delivered_at: delivery.attemptedAt,
  redelivery: delivery.redelivery === 1,
  duration: delivery.duration,
  status: delivery.status,
  status_code: delivery.statusCode,
  event: delivery.event,
  action: delivery.action,
  installation_id: installationId,
  repository_id: repositoryId,
  throttled_at: null,
});

/** Serializes a finished delivery with request and response, as GitHub's `hook-delivery`. */
export const serializeFullDelivery = (delivery: DeliveryRow, repositoryId: number) => ({
  ...serializeDelivery(delivery, repositoryId),
  url: delivery.url ?? '',
  request: { headers: parseObject(delivery.requestHeaders), payload: parseObject(delivery.payload) },
  response: { headers: parseObject(delivery.responseHeaders), payload: delivery.responsePayload },
});

const parseObject = (text: string | null): object | null =>
  text === null ? null : (JSON.parse(text) as object);
