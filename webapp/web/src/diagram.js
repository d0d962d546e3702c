// Shows a BPMN diagram with what is done and what is going on:
//
//   <div data-diagram data-url="/…/joint_handling.bpmn" data-steps="/…/ELEMENT" aria-label="流程图：联合办理">
//     <script type="application/json">{"done": ["ids"], "current": ["ids"], "failed": ["ids"]}</script>
//   </div>
//
// The bpmn.io mark in the corner must stay visible (its licence): keep our buttons on the other side.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './diagram.css';
import { said } from './words.js';

const WORDS = { done: '已办', current: '当前', failed: '未通过', named: '本条款' };

// A hidden diagram has no size to fit into: draw each one when it first comes into view.
const whenSeen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    whenSeen.unobserve(target);
    draw(target).catch((error) => complain(target, error));
  }
});
const watch = (root) => root.querySelectorAll?.('[data-diagram]').forEach((place) => whenSeen.observe(place));
watch(document);
document.addEventListener('htmx:after:process', (event) => watch(event.target));

async function draw(place) {
  const state = JSON.parse(place.querySelector('script[type="application/json"]')?.textContent ?? '{}');
  const response = await fetch(place.dataset.url, { headers: { Accept: 'application/xml' } });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  const canvasPlace = place.appendChild(document.createElement('div'));
  canvasPlace.className = 'diagram-canvas';
  // the wheel scrolls the page until somebody steps into the diagram
  const viewer = new NavigatedViewer({ container: canvasPlace, zoomScroll: { enabled: false } });
  await viewer.importXML(await response.text());
  mark(viewer, state);
  if (place.dataset.steps) explain(viewer, place.dataset.steps);
  place.append(toolbar(viewer));
  listenToWheel(viewer, canvasPlace);
  canvasPlace.querySelector('svg').setAttribute('aria-label', place.getAttribute('aria-label') ?? said('流程图'));
  viewer.get('canvas').zoom('fit-viewport', 'auto');
  place.dataset.drawn = '';
}

function mark(viewer, state) {
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  for (const [kind, word] of Object.entries(WORDS).map(([name, chinese]) => [name, said(chinese)])) {
    for (const id of state[kind] ?? []) {
      const shape = registry.get(id);
      if (!shape) continue; // another diagram of the same case
      canvas.addMarker(id, `is-${kind}`);
      if (shape.waypoints || shape.width <= 50) continue; // no room for a word at a line, event or gateway
      const badge = Object.assign(document.createElement('span'), {
        className: `diagram-badge is-${kind}`,
        textContent: word,
      });
      viewer.get('overlays').add(id, { position: { top: -10, right: 30 }, html: badge });
    }
  }
}

// A click on an element leads to why it is there; the same links stand below the diagram.
function explain(viewer, address) {
  viewer.on('element.click', ({ element }) => {
    if (!element.type?.match(/Task$|Event$|Gateway$|CallActivity$/) || element.labelTarget) return;
    window.location.assign(address.replace('ELEMENT', encodeURIComponent(element.id)));
  });
}

function toolbar(viewer) {
  const canvas = viewer.get('canvas');
  const bar = document.createElement('div');
  bar.className = 'diagram-toolbar no-print';
  bar.setAttribute('role', 'toolbar');
  bar.setAttribute('aria-label', said('流程图缩放'));
  const actions = [
    ['放大', () => viewer.get('zoomScroll').stepZoom(1)],
    ['缩小', () => viewer.get('zoomScroll').stepZoom(-1)],
    ['适合窗口', () => canvas.zoom('fit-viewport', 'auto')],
  ];
  for (const [label, action] of actions) {
    const button = document.createElement('button');
    Object.assign(button, { type: 'button', className: 'btn btn-sm', textContent: said(label) });
    button.addEventListener('click', action);
    bar.append(button);
  }
  return bar;
}

function listenToWheel(viewer, canvasPlace) {
  const zoomScroll = viewer.get('zoomScroll');
  canvasPlace.addEventListener('focusin', () => zoomScroll.toggle(true));
  canvasPlace.addEventListener('focusout', () => zoomScroll.toggle(false));
}

function complain(place, error) {
  console.warn(error);
  const message = document.createElement('p');
  message.setAttribute('role', 'alert');
  message.textContent = said('流程图暂时无法显示，请刷新页面重试。');
  place.replaceChildren(message);
}
