import { said } from './words.js';

// Make an element with properties; words of ours come in the language of the page.
export function element(name, properties = {}) {
  const made = Object.assign(document.createElement(name), properties);
  if ('textContent' in properties) made.textContent = said(properties.textContent);
  if ('ariaLabel' in properties) made.ariaLabel = said(properties.ariaLabel);
  return made;
}
