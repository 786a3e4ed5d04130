import type { SimCallback, SimMessage, SimReply } from '../../stand-in.ts';
import { type Verb, verbsOf } from './script.ts';

/** Posts the digits to an address of ours, signed. */
export type Press = (address: string, digits: string) => SimCallback;

/**
 * Plays a call by its TwiML: what is said, and, where a key is asked for and pressed, what the answer to it says. A verb that
 * is neither is heard as its name, so that a document that dials somebody is noticed.
 */
export async function converse(
  { extra }: SimMessage,
  pressed: boolean,
  press: Press,
  ask: (request: SimCallback) => Promise<SimReply>,
): Promise<string[]> {
  const heard: string[] = [];
  const gather = async (verb: Verb): Promise<void> => {
    heard.push(...saidIn(verb).slice(0, 1));
    const answer = await ask(press(verb.attributes['action']!, '5'));
    if (answer.status === 200) await play(answer.body, false);
  };
  const play = async (twiml: string, mayPress: boolean): Promise<void> => {
    for (const verb of verbsOf(twiml)) {
      if (verb.name === 'Hangup') return;
      if (mayPress && takesKeys(verb)) return gather(verb);
      heard.push(...saidBy(verb));
    }
  };
  await play(extra!['twiml']!, pressed);
  return heard;
}

const takesKeys = ({ name, attributes }: Verb): boolean =>
  name === 'Gather' && (attributes['input'] ?? 'dtmf').includes('dtmf');

function saidBy(verb: Verb): string[] {
  if (verb.name === 'Say') return [verb.text];
  if (verb.name === 'Pause') return [];
  return verb.name === 'Gather' ? saidIn(verb) : [`<${verb.name}>`];
}

const saidIn = ({ children }: Verb): string[] => children.flatMap(saidBy);
