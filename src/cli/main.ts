import { parseArgs } from 'node:util';
import { ConfigurationError, SekishoError } from '../errors.ts';
import { COMMANDS, type Command, HELP, type Launch } from './commands.ts';
import { sentenceOf } from './typed.ts';
import { UsageError } from './usage.ts';

/**
 * Runs one command.
 *
 * @returns the exit code: 0, or 1 after one line on stderr for each thing that is wrong.
 */
export async function main(args: readonly string[], launch: Launch): Promise<number> {
  try {
    return await run(args, launch);
  } catch (error) {
    for (const line of describe(error)) process.stderr.write(`sekisho: ${line}\n`);
    return 1;
  }
}

async function run([name = '--help', ...rest]: readonly string[], launch: Launch): Promise<number> {
  if (name === '--version' || name === '-v') return say(launch.version);
  if (name === '--help' || name === '-h' || name === 'help') return say(HELP);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) throw new UsageError(`there is no command "${name}". See: sekisho --help`);
  const { values, positionals } = parse(rest, command);
  if (values['help']) return say(HELP);
  return command.run({ options: values, words: positionals, launch });
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function parse(args: string[], { options, lists = [], flags = [] }: Command) {
  const named = (names: readonly string[], kind: { type: 'string' | 'boolean'; multiple?: boolean }) =>
    Object.fromEntries(names.map((name) => [name, kind]));
  try {
    return parseArgs({
      args,
      options: {
        ...named(options, { type: 'string' }),
        ...named(lists, { type: 'string', multiple: true }),
        ...named(flags, { type: 'boolean' }),
        help: { type: 'boolean', short: 'h' },
      },
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split(/[.'] /)[0]}. See: sekisho --help`);
  }
}

/** One line for each problem. A stack helps nobody here; NODE_DEBUG=sekisho shows it. */
function describe(error: unknown): string[] {
  if (/\bsekisho\b/.test(process.env['NODE_DEBUG'] ?? '')) console.error(error);
  if (error instanceof ConfigurationError) return error.problems.map(sentenceOf);
  if (error instanceof SekishoError || error instanceof UsageError) return [oneLine(error.message)];
  const { name = 'error', code } = (error ?? {}) as { name?: string; code?: string };
  return [`an unexpected ${code ?? name} stopped it. NODE_DEBUG=sekisho shows where.`];
}

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ');
