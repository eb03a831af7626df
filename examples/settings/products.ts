/** How a product's own settings look around its keys. */
export interface SettingsLook {
  readonly product: string;
  /** The sections beside the keys, in the product's order. */
  readonly sections: readonly string[];
  /** The section that holds the keys. */
  readonly section: string;
  readonly layout: 'side' | 'top';
  /** As `#rrggbb`. */
  readonly accent: string;
  readonly font: string;
  readonly ink: string;
  readonly bar: string;
}

export const LOOKS: Readonly<Record<string, SettingsLook>> = {
  standard: {
    product: 'Standard',
    sections: ['General', 'Team', 'Billing', 'API Keys'],
    section: 'API Keys',
    layout: 'side',
    accent: '#1d4ed8',
    font: 'system-ui, sans-serif',
    ink: '#111827',
    bar: '#f3f4f6',
  },
  supersonic: {
    product: 'Supersonic',
    sections: ['Profile', 'Members', 'Developers', 'Plan'],
    section: 'Developers',
    layout: 'side',
    accent: '#5b4bd6',
    font: 'Verdana, DejaVu Sans, sans-serif',
    ink: '#1c1836',
    bar: '#f1effc',
  },
  supertone: {
    product: 'Supertone',
    sections: ['Voices', 'Usage', 'API Keys', 'Account'],
    section: 'API Keys',
    layout: 'top',
    accent: '#0b7a6f',
    font: 'Trebuchet MS, DejaVu Sans, sans-serif',
    ink: '#0d2320',
    bar: '#e6f4f2',
  },
  socialcrm: {
    product: 'SocialCRM',
    sections: ['Company', 'Brands', 'API Keys', 'Notifications'],
    section: 'API Keys',
    layout: 'top',
    accent: '#b3401f',
    font: 'Georgia, DejaVu Serif, serif',
    ink: '#2b150d',
    bar: '#fbeee9',
  },
  sophic: {
    product: 'Sophic',
    sections: ['General', 'Sources', 'Developer', 'Security'],
    section: 'Developer',
    layout: 'side',
    accent: '#7a3ea8',
    font: 'Palatino, Liberation Serif, serif',
    ink: '#22122e',
    bar: '#f5eefa',
  },
};
