import type { Site } from './site.ts';

/** What happened to the people at a site, kept on their side: nothing of it comes from the store. */
export interface Ledger {
  /** Logins whose number the site said was bound, and the number. */
  bound: Map<string, string>;
  /** Those of them who were asked for a number later on. */
  unbound: Set<string>;
  /** Sign-ins that came back to the application with tokens. */
  arrived: number;
  /** Sign-ins that had to begin again at the application, because their page had ended. */
  restarted: number;
  /** Sign-ins that did not arrive in time, and where they were. */
  gaveUp: string[];
  /** How often a form was sent that may send a message, by number. */
  presses: Map<string, number>;
  /** What people saw: HTTP status, or the name of a network error. */
  seen: Map<string, number>;
}

export const createLedger = (): Ledger => ({
  ...{
    bound: new Map(),
    unbound: new Set(),
    arrived: 0,
    restarted: 0,
    gaveUp: [],
    presses: new Map(),
    seen: new Map(),
  },
});

export const count = (counts: Map<string, number>, name: string): void =>
  void counts.set(name, (counts.get(name) ?? 0) + 1);

/** Numbers that got more messages than were asked for, and how many more. */
export function sentTwice(site: Site, { presses }: Ledger): Map<string, number> {
  const sent = new Map<string, number>();
  for (const { to } of site.vendor.messages) count(sent, to);
  const more = [...sent].map(([phone, times]) => [phone, times - (presses.get(phone) ?? 0)] as const);
  return new Map(more.filter(([, times]) => times > 0));
}

/**
 * Sign-ins in which the nodes verified more codes than there were challenges. A code whose node died before it wrote down the
 * result is used up; the same sign-in then goes on with a challenge of its own.
 */
export function acceptedTwice(site: Site): string[] {
  const [verified, begun] = [new Map<string, number>(), new Map<string, number>()];
  for (const { type, flow, send } of site.logged()) {
    if (type === 'code.verified') count(verified, String(flow));
    if (type === 'challenge.sent' && send === 1) count(begun, String(flow));
  }
  return [...verified].filter(([flow, times]) => times > (begun.get(flow) ?? 0)).map(([flow]) => flow);
}

/** One line for the report of a test. */
export function summary(site: Site, ledger: Ledger): string {
  const seen = [...ledger.seen]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, times]) => `${name} ${times}`);
  const twice = [...sentTwice(site, ledger).values()].reduce((sum, times) => sum + times, 0);
  return [
    `arrived ${ledger.arrived}, began again ${ledger.restarted}, gave up ${ledger.gaveUp.length}`,
    `bound ${ledger.bound.size}, accepted twice ${acceptedTwice(site).length}, sent twice ${twice}`,
    `unanswered by a node ${site.balancer.unanswered}; seen: ${seen.join(', ')}`,
  ].join('; ');
}
