import { Argument, type Command } from 'commander';
import type { Surroundings } from './surroundings.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

export function addCompletionCommand(program: Command, surroundings: Surroundings): void {
  program
    .command('completion')
    .summary('print a script that completes commands in a shell')
    .description('Prints a script with which a shell completes commands and options when you press Tab.')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText('after', EXAMPLES)
    .action(async (shell: (typeof SHELLS)[number]) => {
      const { createProgram } = await import('./program.ts');
      const { completionScript } = await import('../completion-script.ts');
      surroundings.terminal.write(
        1,
        completionScript(shell, await createProgram(surroundings, 'every group')),
      );
    });
}

const EXAMPLES = `
Examples, for the file that your shell reads when it starts:
  source <(keyward completion bash)       # ~/.bashrc
  source <(keyward completion zsh)        # ~/.zshrc, below compinit
  keyward completion fish | source        # ~/.config/fish/config.fish`;
