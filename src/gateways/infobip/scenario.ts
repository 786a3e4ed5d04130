/**
 * The IVR scenario that keeps a code off answering machines (GWY-08, lesson 25). It is created once per language in the
 * account; each call passes what to say as parameters, so the account never holds a code at rest.
 */

/** Languages that scenarios are made for. */
export type ScenarioLanguage = 'ja' | 'en';

/** One step of a scenario, as far as ours need it. */
export type ScenarioStep =
  | { say: string; options: { language: string } }
  | { collectInto: string; options: { maxInputLength: number; timeout: number } }
  | { if: string; then: ScenarioStep[]; else: ScenarioStep[] }
  | 'hangup';

/** A scenario as it is created. */
export interface Scenario {
  name: string;
  description: string;
  script: ScenarioStep[];
}

/** `#` ends the input at this vendor, so it never arrives as a key. */
const KEYS = [...'0123456789*'];

/**
 * Body of `POST /voice/ivr/1/scenarios`. The condition names every key, so that no input, and whatever else a variable may
 * hold when nobody pressed anything, reads no code.
 */
export function pressKeyScenario(language: ScenarioLanguage): Scenario {
  const say = (parameter: string): ScenarioStep => ({ say: `\${${parameter}}`, options: { language } });
  const listen: ScenarioStep = { collectInto: 'key', options: { maxInputLength: 1, timeout: 5 } };
  const pressed = `\${${KEYS.map((one) => `key == '${one}'`).join(' || ')}}`;
  const read = say('message');
  return {
    name: `sekisho-${language}`,
    description: 'Reads a code after a key was pressed',
    script: [
      say('invitation'),
      listen,
      {
        if: pressed,
        // biome-ignore lint/suspicious/noThenProperty: the vendor's own word for the branch
        then: [read],
        // biome-ignore lint/suspicious/noThenProperty: the vendor's own word for the branch
        else: [say('invitation'), listen, { if: pressed, then: [read], else: [say('farewell')] }],
      },
      'hangup',
    ],
  };
}
