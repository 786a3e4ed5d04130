import type { GatewayBench } from './bench.ts';

/** One thing that the contract asks. */
export interface Check {
  /** A sentence about "it": the gateway. */
  title: string;
  /** Why it means nothing for this gateway; undefined where it means something. */
  skip?(bench: GatewayBench): string | undefined;
  run(bench: GatewayBench): Promise<void>;
}

/** The first reason to skip, of several. */
export const unless =
  (...conditions: readonly ((bench: GatewayBench) => string | undefined)[]): NonNullable<Check['skip']> =>
  (bench) => {
    for (const condition of conditions) {
      const reason = condition(bench);
      if (reason !== undefined) return reason;
    }
    return undefined;
  };

export const sendsSms = ({ handle }: GatewayBench) =>
  handle.gateway.channels.includes('sms') ? undefined : 'it sends no SMS';

export const calls = ({ handle }: GatewayBench) =>
  handle.gateway.channels.includes('voice') ? undefined : 'it makes no calls';

export const hasWebhook = ({ handle }: GatewayBench) =>
  handle.gateway.webhook ? undefined : 'it has no webhook';

export const signsContent = ({ handle }: GatewayBench) =>
  handle.vendor.signs === 'content' ? undefined : `its vendor signs ${handle.vendor.signs}`;

/** The fake vendor can play it. */
export const plays =
  (fate: keyof GatewayBench['handle']['vendor']['numbers']): ((bench: GatewayBench) => string | undefined) =>
  ({ handle }) => {
    const number = handle.vendor.numbers[fate];
    return number === undefined || number.length === 0
      ? `its fake vendor has no number for: ${fate}`
      : undefined;
  };
