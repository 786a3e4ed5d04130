import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Network, NewSimMessage, SimMessage, SimReply, SimRequest } from '../../stand-in.ts';
import type { Scenarios } from './ivr.ts';
import { destinations, propertyOf } from './messages.ts';
import { sentReply, throttledReply, violationReply } from './replies.ts';
import { soundOf } from './ssml.ts';

const common = {
  from: z.string().regex(/^\d{3,15}$/),
  destinations,
  notifyUrl: z.url().optional(),
  notifyContentVersion: z.literal(2).optional(),
  callbackData: z.string().max(200).optional(),
  validityPeriod: z.int().min(1).optional(),
  ringTimeout: z.int().min(1).optional(),
  callTimeout: z.int().min(1).optional(),
};
const speechSchema = z.object({
  messages: z.tuple([
    z.object({
      ...common,
      text: z.string().min(1).max(1400),
      language: z.enum(['ja', 'en']),
      machineDetection: z.enum(['hangup', 'continue']).optional(),
    }),
  ]),
});
const scenarioSchema = z.object({
  messages: z.tuple([
    z.object({
      ...common,
      scenarioId: z.string(),
      parameters: z.record(z.string(), z.string()).optional(),
    }),
  ]),
});

/** A call as it was ordered, or what is wrong with the order. */
export function readCall({ path, json }: SimRequest, scenarios: Scenarios): NewSimMessage | SimReply {
  const schema = path.startsWith('/tts') ? speechSchema : scenarioSchema;
  const parsed = schema.safeParse(json);
  if (!parsed.success) return violationReply(parsed.error.issues.map((issue) => propertyOf(issue.path)));
  const [order] = parsed.data.messages;
  if ('scenarioId' in order && !scenarios.has(order.scenarioId)) {
    return violationReply(['messages[0].scenarioId']);
  }
  const extra: Record<string, string> =
    'scenarioId' in order
      ? { scenarioId: order.scenarioId, parameters: JSON.stringify(order.parameters ?? {}) }
      : { machineDetection: order.machineDetection ?? 'continue' };
  return {
    vendorId: order.destinations[0].messageId ?? randomUUID(),
    channel: 'voice',
    to: `+${order.destinations[0].to}`,
    from: order.from,
    text: 'text' in order ? order.text : '',
    ...(order.callbackData === undefined ? {} : { reference: order.callbackData }),
    ...(order.notifyUrl === undefined ? {} : { callbackUrl: order.notifyUrl }),
    extra,
  };
}

/** Makes the call, or refuses it. */
export function launch(call: NewSimMessage, network: Network): SimReply {
  const submitted = network.submit(call, ['throttled']);
  return submitted.taken ? sentReply(call.to.slice(1), call.vendorId, 'accepted') : throttledReply();
}

/** What whoever picked up hears. With machine detection a machine hears nothing. */
export function speak(message: SimMessage, pressed: boolean, scenarios: Scenarios): string[] {
  const { extra = {} } = message;
  const { scenarioId, parameters, machineDetection } = extra;
  if (scenarioId === undefined) {
    return machineDetection === 'hangup' && message.fate === 'machine' ? [] : [soundOf(message.text)];
  }
  const played = scenarios.play(
    scenarioId,
    JSON.parse(parameters ?? '{}') as Record<string, string>,
    pressed ? ['1'] : [],
  );
  extra['collected'] = JSON.stringify(played.collected);
  return played.heard;
}
