import { requirementOf } from '../access/scope.ts';
import { didYouMean } from '../text/closest-word.ts';
import type { ConsoleRules } from './console.ts';
import type { Report } from './mistakes.ts';
import type { Profile } from './profile.ts';

/** The console may offer only scopes and tools that exist. */
export function checkConsole(profile: Profile, console: ConsoleRules, report: Report): void {
  const names = (profile.scopes?.definitions ?? []).map(({ name }) => name);
  for (const [index, name] of console.readOnlyScopes.entries()) {
    if (names.includes(name)) continue;
    const sentence = `The profile's console offers the scope ${name}, which the profile does not define${didYouMean(name, names)}`;
    report({ between: ['console', 'scopes'], path: ['console', 'read_only_scopes', index], sentence });
  }
  checkFirstTool(profile, console, report);
}

function checkFirstTool({ mcp, scopes }: Profile, { firstTool }: ConsoleRules, report: Report): void {
  if (firstTool === undefined) return;
  const { name } = firstTool;
  const path = ['console', 'first_tool'];
  if (mcp === undefined) {
    const sentence = 'The profile has console.first_tool, but it does not serve MCP.';
    report({ between: ['console', 'mcp'], path, sentence });
  } else if (mcp.tools !== undefined && !mcp.tools.includes(name)) {
    const sentence = `The profile's console calls the tool ${name}, which is not among its mcp.tools${didYouMean(name, mcp.tools)}`;
    report({ between: ['console', 'mcp'], path, sentence });
  } else if (scopes !== undefined && requirementOf(scopes, name) === undefined) {
    const sentence = `The profile's console calls the tool ${name}, but no scope grants it.`;
    report({ between: ['console', 'scopes', 'grants', 'mcp'], path, sentence });
  }
}
