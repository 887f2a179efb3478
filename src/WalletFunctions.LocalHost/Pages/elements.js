// Builds the page's elements. It knows nothing of wallets.

export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// JSON with a line for each member, and for each item of a member that is a list, so that an answer is visible without scrolling.
export function pretty(value, depth = 0) {
  if (depth > 1 || value === null || typeof value !== 'object' || (depth === 1 && !Array.isArray(value)) || Object.keys(value).length === 0) {
    return JSON.stringify(value, null, 1).replace(/\n */g, ' ');
  }

  const [start, end] = Array.isArray(value) ? '[]' : '{}';
  const indent = '  '.repeat(depth);
  const lines = Object.entries(value).map(([name, member]) => `${indent}  ${Array.isArray(value) ? '' : `${JSON.stringify(name)}: `}${pretty(member, depth + 1)}`);
  return `${start}\n${lines.join(',\n')}\n${indent}${end}`;
}

// A path may break after each slash.
export const path = text => element('code', {}, ...text.split(/(?<=\/)/).flatMap(part => [part, element('wbr')]));

export function button(text, label, act, className = '') {
  const made = element('button', { type: 'button', className }, text);
  made.setAttribute('aria-label', label);
  made.addEventListener('click', act);
  return made;
}

// Makes the children of an element show these items, or the text if there are none. Children of unchanged items stay as they are, and keep what is open in them.
export function update(node, items, make, empty) {
  const old = new Map([...node.children].map(child => [child.dataset.shows, child]));
  const focused = node.contains(document.activeElement) && document.activeElement.ariaLabel;
  const wanted = (items.length > 0 ? items : [empty]).map(item => {
    const shows = JSON.stringify(item);
    const child = old.get(shows) ?? (item === empty ? makeEmpty(node, empty) : make(item));
    child.dataset.shows = shows;
    old.delete(shows);
    return child;
  });
  [...node.children].filter(child => !wanted.includes(child)).forEach(child => child.remove());
  wanted.forEach((child, index) => node.children[index] === child || node.insertBefore(child, node.children[index]));
  if (focused && !node.contains(document.activeElement)) {
    [...node.querySelectorAll('button')].find(candidate => candidate.ariaLabel === focused)?.focus();
  }
}

function makeEmpty(node, text) {
  const paragraph = element('p', { className: 'quiet' }, text);
  return node.tagName === 'TBODY' ? element('tr', {}, element('td', { colSpan: 3 }, paragraph)) : element(node.tagName === 'DIV' ? 'div' : 'li', {}, paragraph);
}

export const fields = pairs => element('dl', {}, ...pairs.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]));
