/**
 * The world that `npm run bench -- delivery` plays, second by second of a virtual clock. Everything that is assumed stands
 * here; nothing is tuned per system.
 */
export const MODEL = {
  signIns: 10_000,
  /** Each signs in twice, so that the second time the network of the phone is known from a receipt. */
  people: 5000,
  /** Seconds between two sign-ins, and between the two of one person: further apart than the hour that limits look at. */
  every: 0.4,
  again: 7200,
  carriers: [
    { name: 'docomo', share: 0.4, undelivered: 0 },
    { name: 'au', share: 0.3, undelivered: 0.05 },
    { name: 'softbank', share: 0.2, undelivered: 0 },
    { name: 'rakuten', share: 0.1, undelivered: 0 },
  ],
  /** The primary gateway: from second 1000 it answers HTTP 500 at once, from 1200 it hangs, from 1400 it works again. */
  outage: { from: 1000, hangs: 1200, until: 1400 },
  /** Of sends that a gateway takes: the connection breaks before the answer, and half of these messages are lost. */
  ambiguous: { share: 0.02, lost: 0.5 },
  /** Of messages that arrive: not within 30 to 120 seconds. */
  slow: { share: 0.01, least: 30, most: 120 },
  /** Seconds until a gateway answers, and until it is given up. */
  answer: { least: 0.1, most: 0.6, timeout: 8 },
  /** Seconds until an SMS arrives: median, and the spread of its logarithm (95 of 100 within 10 seconds). */
  arrival: { median: 4, sigma: 0.55 },
  /** Receipts: seconds after what they tell, and how many never come. An undelivered one takes longer. */
  receipt: { delay: 1, undelivered: { least: 4, most: 25 }, lost: 0.03 },
  /** Calls: seconds until it rings, until it is answered, until the code has been heard once; how many are not answered. */
  call: { rings: 3, answered: { least: 2, most: 10 }, heard: 11, missed: 0.05 },
  /**
   * A person without a code presses the button that the page offers some seconds after it may be pressed (30 seconds after
   * the first send), and again after each further pause; one in ten never presses anything.
   */
  press: { least: 0, most: 6, never: 0.1 },
} as const;

/** Numbers between 0 and 1 from a seed: every system plays against the same luck (mulberry32). */
export function luck(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const between = (random: () => number, { least, most }: { least: number; most: number }): number =>
  least + (most - least) * random();

/** Log-normal, by Box and Muller. */
export function arrivalTime(random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return MODEL.arrival.median * Math.exp(MODEL.arrival.sigma * normal);
}

/** The network of a person, by share. */
export function carrierOf(person: number): (typeof MODEL.carriers)[number] {
  const ticket = (person % 100) / 100;
  const upTo = MODEL.carriers.map((_, at) =>
    MODEL.carriers.slice(0, at + 1).reduce((sum, { share }) => sum + share, 0),
  );
  return MODEL.carriers[upTo.findIndex((sum) => ticket < sum)] ?? MODEL.carriers[0];
}
