import type { Command } from 'commander';

/** What can be typed after the words of a command. */
interface Place {
  /** The words before, such as `keys issue`. Empty at the top. */
  readonly path: string;
  readonly commands: readonly Word[];
  readonly options: readonly Word[];
}

interface Word {
  readonly text: string;
  readonly description: string;
}

/**
 * Makes a script with which a shell completes commands and options by itself: nothing is started when somebody presses Tab.
 * @param program with every command.
 */
export function completionScript(shell: 'bash' | 'zsh' | 'fish', program: Command): string {
  const places = placesOf(program, []);
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](places);
}

function placesOf(command: Command, path: readonly string[]): Place[] {
  const options = command.options.flatMap(({ long, description, hidden }) =>
    hidden || long === undefined || long === null ? [] : [{ text: long, description }],
  );
  const commands = command.commands.map((each) => ({
    text: each.name(),
    description: each.summary() || each.description(),
  }));
  const below = command.commands.flatMap((each) => placesOf(each, [...path, each.name()]));
  const help = { text: '--help', description: 'show what it does' };
  return [{ path: path.join(' '), commands, options: [...options, help] }, ...below];
}

/** The words before the cursor that name a command. A shell runs it, so only names of commands may stand in it. */
function caseLines(places: readonly Place[], lineOf: (place: Place) => string): string {
  return places.map((place) => `    '${place.path}') ${lineOf(place)} ;;`).join('\n');
}

const textsOf = (words: readonly Word[]) => words.map(({ text }) => text).join(' ');

function bashScript(places: readonly Place[]): string {
  return `# Completes the commands of keyward in bash.
_keyward() {
  local word=\${COMP_WORDS[COMP_CWORD]} path='' commands='' options='' each index
  for ((index = 1; index <= COMP_CWORD; index++)); do
    case $path in
${caseLines(places, ({ commands, options }) => `commands='${textsOf(commands)}' options='${textsOf(options)}'`)}
    esac
    each=\${COMP_WORDS[index]}
    if ((index < COMP_CWORD)) && [[ " $commands " == *" $each "* ]]; then
      path="\${path:+$path }$each"
    fi
  done
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$word")
  fi
}
complete -o default -F _keyward keyward
`;
}

function zshScript(places: readonly Place[]): string {
  const words = (list: readonly Word[]) =>
    list.map(({ text, description }) => quote(`${text}:${description}`)).join(' ');
  return `#compdef keyward
# Completes the commands of keyward in zsh.
_keyward() {
  local place='' each
  local -a commands options
  integer index
  for ((index = 2; index <= CURRENT; index++)); do
    case $place in
${caseLines(places, ({ commands, options }) => `commands=(${words(commands)}) options=(${words(options)})`)}
    esac
    each=\${words[index]}
    if ((index < CURRENT)) && ((\${#commands[(r)$each:*]})); then
      place="\${place:+$place }$each"
    fi
  done
  if [[ \${words[CURRENT]} == -* ]]; then
    _describe 'option' options
  elif ((\${#commands})); then
    _describe 'command' commands
  else
    _files
  fi
}
compdef _keyward keyward
`;
}

function fishScript(places: readonly Place[]): string {
  const lines = places.flatMap(({ path, commands, options }) => {
    const condition = `-n ${quote(`test (__keyward_place) = '${path}'`)}`;
    return [
      ...commands.map(
        ({ text, description }) => `complete -c keyward -f ${condition} -a ${text} -d ${quote(description)}`,
      ),
      ...options.map(
        ({ text, description }) =>
          `complete -c keyward ${condition} -l ${text.slice('--'.length)} -d ${quote(description)}`,
      ),
    ];
  });
  const known = places.map(({ path }) => quote(path)).join(' ');
  return `# Completes the commands of keyward in fish.
function __keyward_place
  set -l place ''
  for word in (commandline -opc)[2..-1]
    set -l longer (string trim "$place $word")
    if contains -- $longer ${known}
      set place $longer
    end
  end
  echo "$place"
end
${lines.join('\n')}
`;
}

/** Puts a text into single quotes. zsh and fish read an apostrophe within in the same way. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
