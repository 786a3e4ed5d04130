import { XMLParser } from 'fast-xml-parser';
import type { SimCallback, SimMessage, SimReply } from '../../stand-in.ts';

/** One action of a call control object. */
interface Action {
  action?: unknown;
  text?: unknown;
  bargeIn?: unknown;
  type?: unknown;
  eventUrl?: readonly string[];
}

/** Posts the digits, or that nobody pressed any, to an address of ours, signed. */
export type Press = (address: string, digits: string) => SimCallback;

/**
 * Plays a call by its call control object: what is said, and, where a key is asked for, what the answer says. Vonage asks
 * whether a key was pressed or not; an answer that is none changes nothing. An action that is neither is heard as its name.
 */
export async function converse(
  { extra }: SimMessage,
  pressed: boolean,
  press: Press,
  ask: (request: SimCallback) => Promise<SimReply>,
): Promise<string[]> {
  const heard: string[] = [];
  const play = async ([first, ...rest]: readonly Action[]): Promise<void> => {
    if (!first) return;
    if (first.action !== 'input') {
      heard.push(...saidBy(first));
      // A key ends what may be interrupted, and the action that asks for it is next.
      const asks = rest.findIndex(({ action }) => action === 'input');
      return play(pressed && first.bargeIn === true && asks >= 0 ? rest.slice(asks) : rest);
    }
    const answer = await ask(press(first.eventUrl![0]!, pressed ? '5' : ''));
    return play(actionsIn(answer) ?? rest);
  };
  await play(JSON.parse(extra!['ncco']!) as Action[]);
  return heard;
}

function actionsIn({ status, body }: SimReply): Action[] | undefined {
  if (status !== 200) return undefined;
  try {
    const actions: unknown = JSON.parse(body);
    return Array.isArray(actions) ? actions : undefined;
  } catch {
    return undefined;
  }
}

/** Everything an object can say, in order. */
export const saidIn = (ncco: unknown): string[] =>
  (ncco as Action[]).filter(({ action }) => action === 'talk').flatMap(saidBy);

const saidBy = ({ action, text }: Action): string[] =>
  action === 'talk' && typeof text === 'string' ? [spoken(text)] : [`<${String(action)}>`];

const parser = new XMLParser({ preserveOrder: true, parseTagValue: false, trimValues: false });
type Parsed = Record<string, unknown> & { '#text'?: string };

/** What a voice makes of it: text in a `speak` element is mark-up, any other is read as it stands. */
function spoken(text: string): string {
  return text.startsWith('<speak>') ? read(parser.parse(text) as Parsed[]) : text;
}

const read = (nodes: readonly Parsed[]): string =>
  nodes
    .map(
      (node) =>
        node['#text'] ?? read((Object.entries(node).find(([name]) => name !== ':@')?.[1] ?? []) as Parsed[]),
    )
    .join('');
