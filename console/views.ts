/** The views that people open less often than the list of keys. One script holds them, and loads after the list. */
export { ActivityPage } from './activity/activity-page.tsx';
export { KeyPage } from './keys/key-page.tsx';
export { MembersPage } from './members/members-page.tsx';
export { SettingsPage } from './settings/settings-page.tsx';
export { TokensPage } from './tokens/tokens-page.tsx';
