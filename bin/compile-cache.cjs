'use strict';

// Loaded before everything else, so that Node keeps what it compiles, this command's TypeScript included. That halves the
// start. The cache is in the user's own folder: others may write to the temporary one, and Node runs what it finds there.
const { enableCompileCache } = require('node:module');
const { isAbsolute, join } = require('node:path');

const { HOME, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
const named = process.platform === 'win32' ? LOCALAPPDATA : XDG_CACHE_HOME;
const folder = [named, HOME && join(HOME, '.cache')].find((path) => path && isAbsolute(path));
if (folder && enableCompileCache) enableCompileCache(join(folder, 'keyward'));
