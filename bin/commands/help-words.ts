import { type Argument, type Command, Help, type Option } from 'commander';

/** How `--help` words things. */

/** Adds sentences below the options, which wrap at the width of the terminal. Examples stand in lines of their own, and never wrap. */
export function addNote(command: Command, note: string): Command {
  return command.addHelpText('after', ({ command: shown }) => {
    const width = shown.configureOutput().getOutHelpWidth?.() ?? 80;
    return new Help().boxWrap(note, width);
  });
}

/** As in "what the member may do: owner, admin or member (required)". */
export function describeOption({ description, argChoices, mandatory }: Option): string {
  const choices = describeChoices(description, argChoices);
  return mandatory ? `${choices} (required)` : choices;
}

export function describeArgument({ description, argChoices }: Argument): string {
  return describeChoices(description, argChoices);
}

function describeChoices(description: string, choices: readonly string[] = []): string {
  if (choices.length === 0) return description;
  return `${description}: ${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;
}
