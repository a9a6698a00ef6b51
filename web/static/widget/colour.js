/** The site's accent colour, made readable: whatever is asked for, the contrast is enough. */

const WHITE = [255, 255, 255];
const INK = [16, 24, 30];
const SURFACES = { light: [244, 246, 248], dark: [29, 38, 46] }; // the sunken surface of tokens.css
const TEXT = 4.5;
const SHAPE = 3;

/** @param {string} hex "#rrggbb" or "#rgb" @returns {number[] | null} */
export function parseColour(hex) {
  const match = /^#?([0-9a-f]{6}|[0-9a-f]{3})$/i.exec(hex.trim());
  if (!match) return null;
  const digits = match[1].length === 3 ? match[1].replace(/./g, "$&$&") : match[1];
  return [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16));
}

function luminance(colour) {
  const [red, green, blue] = colour.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** @param {number[]} one @param {number[]} other @returns {number} 1 to 21, as WCAG counts it */
export function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** The colour itself, or the nearest step towards black or white that reads on the background. */
function readable(colour, background, least) {
  const towards = luminance(background) > 0.18 ? INK : WHITE;
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = colour.map((value, at) => Math.round(value + (towards[at] - value) * share));
    if (contrast(mixed, background) >= least) return mixed;
  }
  return towards;
}

/** @param {HTMLElement} root @param {string} hex */
export function applyAccent(root, hex) {
  const accent = parseColour(hex);
  if (!accent) return;
  for (const [theme, surface] of Object.entries(SURFACES)) {
    const fill = readable(accent, surface, SHAPE);
    const text = contrast(WHITE, fill) >= TEXT ? WHITE : INK;
    const pressed = contrast(text, fill) >= TEXT ? fill : readable(fill, text, TEXT);
    root.style.setProperty(`--accent-${theme}`, css(pressed));
    root.style.setProperty(`--on-accent-${theme}`, css(text));
    root.style.setProperty(`--accent-text-${theme}`, css(readable(accent, surface, TEXT)));
  }
}

function css(colour) {
  return `rgb(${colour.join(" ")})`;
}
