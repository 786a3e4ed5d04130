import { read } from './source-text.ts';

/** The program text of a chapter of docs/relying-parties.md, by the language it is in. */
export function settingsOf(chapter: string, language: 'json' | 'apache' | 'js'): string {
  const [, text = ''] = read('docs/relying-parties.md').split(`\n## ${chapter}\n`);
  const found = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(text.split('\n## ')[0]!);
  if (!found) throw new Error(`no ${language} in ${chapter}`);
  return found[1]!;
}
