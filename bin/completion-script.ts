import type { Command } from 'commander';

/** What can be typed after the words of a command. */
interface Place {
  /** The words before, such as `keys issue`. Empty at the top. */
  readonly path: string;
  readonly commands: readonly Word[];
  readonly options: readonly Option[];
  /** What an argument of the command may be. */
  readonly values: Values;
}

interface Option extends Word {
  readonly values: Values;
}

/** The values to choose from: fixed ones, or the names of the connections, which the shell asks for when Tab is pressed. */
type Values = readonly string[] | 'connections';

interface Word {
  readonly text: string;
  readonly description: string;
}

/** Prints the names of the connections. */
const ASK = 'keyward connections list --names 2>/dev/null';

/**
 * Makes a script with which a shell completes commands, options and their values by itself. Only for the names of connections it starts
 * the command line.
 * @param program with every command.
 */
export function completionScript(shell: 'bash' | 'zsh' | 'fish', program: Command): string {
  const places = placesOf(program, []);
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](places);
}

function placesOf(command: Command, path: readonly string[]): Place[] {
  const options = command.options.flatMap(({ long, description, hidden, argChoices }) =>
    hidden || long === undefined || long === null
      ? []
      : [
          {
            text: long,
            description,
            values: long === '--connection' ? 'connections' : (argChoices ?? []),
          } as const,
        ],
  );
  const commands = command.commands.map((each) => ({
    text: each.name(),
    description: each.summary() || each.description(),
  }));
  const below = command.commands.flatMap((each) => placesOf(each, [...path, each.name()]));
  const help = { text: '--help', description: 'show what it does', values: [] };
  const place = {
    path: path.join(' '),
    commands,
    options: [...options, help],
    values: valuesOfArguments(command, path),
  };
  return [place, ...below];
}

function valuesOfArguments({ registeredArguments }: Command, [group]: readonly string[]): Values {
  if (group === 'connections' && registeredArguments.length > 0) return 'connections';
  return registeredArguments.flatMap(({ argChoices = [] }) => argChoices);
}

/** The options with values to choose from, each with the words before it. */
function optionsWithValues(places: readonly Place[]): readonly (Option & { readonly path: string })[] {
  return places.flatMap(({ path, options }) =>
    options.filter(({ values }) => values.length > 0).map((option) => ({ path, ...option })),
  );
}

/** The words before the cursor that name a command. A shell runs it, so only names of commands may stand in it. */
function caseLines(places: readonly Place[], lineOf: (place: Place) => string): string {
  return places.map((place) => `    '${place.path}') ${lineOf(place)} ;;`).join('\n');
}

const textsOf = (words: readonly Word[]) => words.map(({ text }) => text).join(' ');

function bashScript(places: readonly Place[]): string {
  const ofPlace = ({ commands, options, values }: Place) =>
    `commands='${textsOf(commands)}' options='${textsOf(options)}' values='${inBash(values)}'`;
  const ofOptions = optionsWithValues(places)
    .map(({ path, text, values }) => `    '${path} ${text}') values='${inBash(values)}' commands='' ;;`)
    .join('\n');
  return `# Completes the commands of keyward in bash.
_keyward() {
  local word=\${COMP_WORDS[COMP_CWORD]} path='' commands='' options='' values='' each index name
  for ((index = 1; index <= COMP_CWORD; index++)); do
    case $path in
${caseLines(places, ofPlace)}
    esac
    each=\${COMP_WORDS[index]}
    if ((index < COMP_CWORD)) && [[ " $commands " == *" $each "* ]]; then
      path="\${path:+$path }$each"
    fi
  done
  # Bash makes a word of its own of the sign in --option=value.
  index=$((COMP_CWORD - 1))
  if [[ $word == '=' ]]; then
    word=''
  elif [[ \${COMP_WORDS[index]} == '=' ]]; then
    ((index--))
  fi
  case "$path \${COMP_WORDS[index]}" in
${ofOptions}
  esac
  COMPREPLY=()
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
  elif [[ $values == '<connections>' ]]; then
    while IFS= read -r name; do
      printf -v name %q "$name"
      if [[ $name == "$word"* ]]; then COMPREPLY+=("$name"); fi
    done < <(${ASK})
  else
    mapfile -t COMPREPLY < <(compgen -W "$commands $values" -- "$word")
  fi
}
complete -o default -F _keyward keyward
`;
}

function inBash(values: Values): string {
  return values === 'connections' ? '<connections>' : values.join(' ');
}

function zshScript(places: readonly Place[]): string {
  const words = (list: readonly Word[]) =>
    list.map(({ text, description }) => quote(`${text}:${description}`)).join(' ');
  const inZsh = (values: Values) =>
    values === 'connections' ? `"\${(@f)$(${ASK})}"` : values.map(quote).join(' ');
  const ofPlace = ({ commands, options, values }: Place) =>
    `commands=(${words(commands)}) options=(${words(options)}) ask=${quote(values === 'connections' ? 'yes' : '')} values=(${values === 'connections' ? '' : inZsh(values)})`;
  const ofOptions = optionsWithValues(places)
    .map(
      ({ path, text, values }) =>
        `    '${path} ${text}') values=(${inZsh(values)}); compadd -a values; return ;;`,
    )
    .join('\n');
  return `#compdef keyward
# Completes the commands of keyward in zsh.
_keyward() {
  local place='' each ask=''
  local -a commands options values
  integer index
  for ((index = 2; index <= CURRENT; index++)); do
    case $place in
${caseLines(places, ofPlace)}
    esac
    each=\${words[index]}
    if ((index < CURRENT)) && ((\${#commands[(r)$each:*]})); then
      place="\${place:+$place }$each"
    fi
  done
  case "$place \${words[CURRENT-1]}" in
${ofOptions}
  esac
  if [[ \${words[CURRENT]} == -* ]]; then
    _describe 'option' options
  elif ((\${#commands})); then
    _describe 'command' commands
  elif [[ -n $ask ]]; then
    values=(${inZsh('connections')})
    compadd -a values
  elif ((\${#values})); then
    compadd -a values
  else
    _files
  fi
}
compdef _keyward keyward
`;
}

function fishScript(places: readonly Place[]): string {
  const inFish = (values: Values) => quote(values === 'connections' ? `(${ASK})` : values.join(' '));
  const lines = places.flatMap(({ path, commands, options, values: ofArguments }) => {
    const condition = `-n ${quote(`test (__keyward_place) = '${path}'`)}`;
    return [
      ...commands.map(
        ({ text, description }) => `complete -c keyward -f ${condition} -a ${text} -d ${quote(description)}`,
      ),
      ...options.map(
        ({ text, description, values }) =>
          `complete -c keyward ${condition} -l ${text.slice('--'.length)}${values.length === 0 ? '' : ` -x -a ${inFish(values)}`} -d ${quote(description)}`,
      ),
      ...(ofArguments.length === 0 ? [] : [`complete -c keyward -f ${condition} -a ${inFish(ofArguments)}`]),
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
