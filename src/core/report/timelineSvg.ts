import { duration } from './figures.ts';
import { html, type Html } from './escapeHtml.ts';
import { worstStalls } from './headline.ts';
import { STALL_THRESHOLD, type StagingRun } from './stagingRun.ts';
import { ticks, timelineEnd, timelineLanes, type Bar, type Lane } from './timeline.ts';

const WIDTH = 1000;
const LABELS = 190;
const RIGHT = 16;
const LANE = 30;
const BAR = 16;
const TOP = 8;
/** About one character of the lanes' texts. */
const CHARACTER = 6.6;

/** The run as a picture: no script, no style attribute, every colour by class. What it shows is in the tables as well. */
export function timelineSvg(run: StagingRun): Html {
  const lanes = timelineLanes(run);
  const end = timelineEnd(run);
  const bottom = TOP + lanes.length * LANE;
  const height = bottom + 28;
  const x = (time: number): number => LABELS + (Math.max(0, time) / end) * (WIDTH - LABELS - RIGHT);
  return html`<svg
    class="lk-timeline"
    viewBox="0 0 ${WIDTH} ${height}"
    role="img"
    aria-labelledby="lk-timeline-title lk-timeline-description"
    xmlns="http://www.w3.org/2000/svg"
  >
    <title id="lk-timeline-title">Timeline of the run</title>
    <desc id="lk-timeline-description">
      Statements, locks and waiting sessions over ${duration(end)}. The tables below hold the same figures.
    </desc>
    ${ticks(end).map(
      (tick) =>
        html`<line class="lk-grid" x1="${round(x(tick))}" x2="${round(x(tick))}" y1="${TOP - 4}" y2="${bottom}" /><text
            class="lk-tick"
            x="${round(x(tick))}"
            y="${bottom + 18}"
            >${tickText(tick, end)}</text
          >`,
    )}
    ${worstStall(run, x, bottom)}
    ${lanes.map((lane, index) => laneSvg(lane, index, lanes[index - 1]?.kind !== lane.kind && index > 0, x))}
  </svg>`;
}

/** The longest wait behind a lock, over all lanes: what ran and what was locked just then. */
function worstStall(run: StagingRun, x: (time: number) => number, bottom: number): Html {
  const worst = worstStalls(run).find(({ blocked }) => blocked);
  const stall = run.stalls.find(
    (one) => one.table === worst?.table && one.operation === worst.operation && one.milliseconds === worst.milliseconds,
  );
  if (stall === undefined || stall.milliseconds < STALL_THRESHOLD) return html``;
  const [left, right] = [x(stall.start), x(stall.start + stall.milliseconds)];
  const edge = (at: number): Html =>
    html`<line class="lk-worst-edge" x1="${round(at)}" x2="${round(at)}" y1="${TOP - 4}" y2="${bottom}" />`;
  return html`<rect
      class="lk-worst"
      x="${round(left)}"
      y="${TOP - 4}"
      width="${round(Math.max(3, right - left))}"
      height="${bottom - TOP + 4}"
      ><title>The longest wait: ${duration(stall.milliseconds)}</title></rect
    >${edge(left)}${edge(right)}`;
}

function laneSvg(lane: Lane, index: number, first: boolean, x: (time: number) => number): Html {
  const top = TOP + index * LANE;
  const label = lane.kind === 'lock' ? `lock on ${lane.label}` : lane.label;
  const shown = label.length > 28 ? `${label.slice(0, 27)}…` : label;
  return html`<g>
    ${first ? html`<line class="lk-rule" x1="0" x2="${WIDTH}" y1="${top}" y2="${top}" />` : ''}
    <text class="lk-lane" x="${LABELS - 12}" y="${top + LANE / 2 + 4}">${shown}<title>${label}</title></text>
    ${widestLast(lane.bars).map((bar) => barSvg(bar, top, x))} ${barTexts(lane, top, x)}
  </g>`;
}

/** Long bars first, so that short ones lie on top of them. */
function widestLast(bars: readonly Bar[]): Bar[] {
  return [...bars].sort((a, b) => b.milliseconds - a.milliseconds);
}

function barSvg(bar: Bar, top: number, x: (time: number) => number): Html {
  const left = x(bar.start);
  const width = Math.max(3, x(bar.start + bar.milliseconds) - left);
  const rect = html`<rect
    class="lk-bar lk-${bar.style}"
    x="${round(left)}"
    y="${top + (LANE - BAR) / 2}"
    width="${round(width)}"
    height="${BAR}"
    rx="2"
    ><title>${bar.title}</title></rect
  >`;
  return bar.statement === null
    ? rect
    : html`<a href="#lk-statement-${bar.statement}" aria-label="${bar.title}">${rect}</a>`;
}

/** Each bar's words inside it where they fit, else after it where nothing else lies; else they are left to the title. */
function barTexts(lane: Lane, top: number, x: (time: number) => number): Html[] {
  const bars = [...lane.bars].sort((a, b) => a.start - b.start);
  let taken = 0;
  const texts: Html[] = [];
  for (const [index, bar] of bars.entries()) {
    if (bar.text === '') continue;
    const left = x(bar.start);
    const right = Math.max(left + 3, x(bar.start + bar.milliseconds));
    const width = bar.text.length * CHARACTER;
    const next = bars[index + 1];
    const limit = next ? x(next.start) : WIDTH;
    const inside = right - left >= width + 8 && limit - left >= width + 8;
    const place = inside ? left + 5 : right + 5;
    if (place < taken || (!inside && place + width > limit)) continue;
    taken = place + width;
    texts.push(
      html`<text
        class="lk-bar-text lk-${inside ? `on-${bar.style}` : 'beside'}"
        x="${round(place)}"
        y="${top + LANE / 2 + 4}"
        aria-hidden="true"
        >${bar.text}</text
      >`,
    );
  }
  return texts;
}

function tickText(tick: number, end: number): string {
  if (tick === 0) return '0';
  return end < 1000 ? `${round(tick)} ms` : `${round(tick / 1000)} s`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
