import { installationId } from '../accounts.ts';
import type { Delivery } from '../store/deliveries.ts';

/** A delivery that has ended, as GitHub's `hook-delivery-item`. */
export const deliveryShape = (delivery: Delivery, repositoryId: number) => ({
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

/** The same with what was sent and answered, as GitHub's `hook-delivery`. */
export const fullDeliveryShape = (delivery: Delivery, repositoryId: number) => ({
  ...deliveryShape(delivery, repositoryId),
  url: delivery.url ?? '',
  request: { headers: parsed(delivery.requestHeaders), payload: parsed(delivery.payload) },
  response: { headers: parsed(delivery.responseHeaders), payload: delivery.responsePayload },
});

const parsed = (text: string | null): object | null => (text === null ? null : (JSON.parse(text) as object));
