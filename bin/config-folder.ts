import { isAbsolute, join } from 'node:path';

/**
 * The folder that holds the connections of a user.
 * @throws {Error} where no variable says where the user's files are.
 * @see "XDG Base Directory Specification", which has programs ignore a path that is not absolute
 */
export function configFolder(
  { KEYWARD_CONFIG, APPDATA, XDG_CONFIG_HOME, HOME }: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): string {
  if (KEYWARD_CONFIG) return KEYWARD_CONFIG;
  const named = platform === 'win32' ? APPDATA : XDG_CONFIG_HOME;
  const folder = [named, HOME && join(HOME, '.config')].find((path) => path && isAbsolute(path));
  if (folder) return join(folder, 'keyward');
  throw new Error(
    'This user has no home folder: set KEYWARD_CONFIG to a folder in which to keep connections.',
  );
}
