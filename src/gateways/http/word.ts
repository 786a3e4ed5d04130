import type { OutboundMessage } from '../../ports/gateway.ts';
import { wordOf } from '../wire/outcome.ts';

/**
 * A vendor's code made fit for a log (LOG-02). The configuration says where it stands, and may point at a field that holds
 * more: what has as many digits as a number, or the digits of the code in the text, is no error code.
 */
export function safeWord(code: string | undefined, message?: Pick<OutboundMessage, 'text'>): string {
  const word = wordOf(code);
  if (/\d{7}/.test(word.replace(/[.:-]/g, ''))) return '';
  const digits = word.match(/\d{4,}/g) ?? [];
  return message && digits.some((run) => message.text.includes(run)) ? '' : word;
}
