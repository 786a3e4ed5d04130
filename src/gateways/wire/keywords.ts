/** What people write to stop and to start again, unless the configuration says otherwise. */
export const STOP_WORDS = [
  ...['STOP', 'STOPALL', 'STOP ALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'OPTOUT', 'REVOKE'],
  ...['停止', '配信停止', '受信拒否', '解除', '配信解除', '退会', 'ストップ'],
];
export const START_WORDS = ['START', 'UNSTOP', 'RESUME', 'OPTIN', '再開', '配信再開', '受信再開', 'スタート'];

/**
 * What a person who answers by SMS wants. The whole text counts, not a word in it; full width, half-width kana, case, blanks
 * and what people put around a word make no difference.
 */
export function keywordOf(
  text: string,
  stop: readonly string[] = STOP_WORDS,
  start: readonly string[] = START_WORDS,
): 'stop' | 'start' | null {
  const said = text.length > LONGEST ? '' : plain(text);
  if (said === '') return null;
  if (stop.some((word) => plain(word) === said)) return 'stop';
  return start.some((word) => plain(word) === said) ? 'start' : null;
}

/** Nobody who wants to stop writes more, and none of it may be cut away. */
const LONGEST = 200;

const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\p{P}\p{S}\p{C}]+/gu, ' ')
    .trim();
