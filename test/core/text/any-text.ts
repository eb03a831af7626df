import fc from 'fast-check';

/** Any text there can be, code unit by code unit: control characters and halves of surrogate pairs included. */
export const anyText = (constraints: { minLength?: number; maxLength?: number } = {}) =>
  fc
    .array(fc.oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0xffff })), constraints)
    .map((units) => String.fromCharCode(...units));
