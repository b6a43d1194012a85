import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  effect,
  ElementRef,
  inject,
  signal,
  viewChild,
} from '@angular/core';
import { EventLog } from '../event-log';
import { Now } from '../now';
import { Server } from '../server';
import { clock, duration } from '../time';
import { visible } from '../visible';
import { axisHeight, chartHeight, draw, labelWidth, laneHeight, type Colours } from './draw';
import { laneNames } from './lane-of';
import { View } from './view';

const colourNames = ['text', 'quiet', 'line', 'accent', 'warn', 'error'] as const;

/** The events of a thread over time, one lane for each kind. The table below it has the same events as text. */
@Component({
  selector: 'inspector-lanes',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="bar">
      <span>{{ span() }} on screen</span>
      <button type="button" (click)="view.zoom(0.5)" aria-label="Zoom in">+</button>
      <button type="button" (click)="view.zoom(2)" aria-label="Zoom out">−</button>
      <button type="button" (click)="view.follow()" [disabled]="view.end() === null">Follow</button>
      <button type="button" (click)="fit()">All</button>
      <span class="quiet looked">{{ text(lookedAt()) }}</span>
    </div>
    <div class="chart">
      <canvas
        #canvas
        role="img"
        [attr.aria-label]="summary()"
        [style.height.px]="height"
        (pointermove)="look($event)"
        (pointerdown)="look($event)"
        (wheel)="wheel($event)"
      ></canvas>
      @if (cursorX(); as x) {
        <div class="cursor" [style.left.px]="x"></div>
      }
    </div>
    <div class="axis quiet">
      <span>{{ from() }}</span><span>{{ to() }}</span>
    </div>
  `,
})
export class Lanes {
  readonly view = inject(View);
  readonly #log = inject(EventLog);
  readonly #now = inject(Now);
  readonly #server = inject(Server);
  readonly text = visible;
  protected readonly canvas = viewChild.required<ElementRef<HTMLCanvasElement>>('canvas');
  readonly #width = signal(0);
  readonly #scheme = signal(0);
  readonly height = chartHeight - axisHeight;

  readonly #end = computed(() => {
    const fixed = this.view.end();
    if (fixed !== null) return fixed;
    this.#log.revision();
    // Without events the lanes move on once a second.
    this.#now.ms();
    return this.#server.now();
  });
  readonly span = computed(() => duration(this.view.span()));
  readonly from = computed(() => clock(this.#end() - this.view.span()));
  readonly to = computed(() => clock(this.#end()));
  readonly lookedAt = computed(() => {
    const logged = this.#log.at(this.view.cursor() ?? -1);
    return logged ? `${clock(logged.at)}  ${logged.event.type}` : '';
  });
  /** Where the cursor is, in pixels; 0 if it is not in the window. */
  readonly cursorX = computed(() => {
    const logged = this.#log.at(this.view.cursor() ?? -1);
    const from = this.#end() - this.view.span();
    if (!logged || logged.at < from || logged.at > this.#end()) return 0;
    const scale = (this.#width() - labelWidth) / this.view.span();
    return Math.round(labelWidth + (logged.at - from) * scale);
  });
  readonly summary = computed(() => {
    this.#now.ms();
    const marks = this.#log.marksOf(this.view.threadId());
    const counts = [...(marks?.lanes ?? [])].map(([lane, all]) => `${all.length} of ${lane}`);
    return `Events over time: ${counts.join(', ') || 'none'}. The table of events has the same as text.`;
  });

  constructor() {
    const life = inject(DestroyRef);
    const ratio = () => globalThis.devicePixelRatio || 1;
    afterNextRender(() => {
      const canvas = this.canvas().nativeElement;
      const sizes = new ResizeObserver(() => this.#width.set(canvas.clientWidth));
      sizes.observe(canvas);
      const scheme = matchMedia('(prefers-color-scheme: dark)');
      const changed = () => this.#scheme.update((count) => count + 1);
      scheme.addEventListener('change', changed);
      // The choice of the reader stands in the style of the page.
      const styles = new MutationObserver(changed);
      styles.observe(document.documentElement, { attributeFilter: ['style'] });
      life.onDestroy(() => {
        sizes.disconnect();
        styles.disconnect();
        scheme.removeEventListener('change', changed);
      });
    });
    let colours: Colours | null = null;
    let scheme = -1;
    effect(() => {
      const [canvas, width] = [this.canvas().nativeElement, this.#width()];
      const context = canvas.getContext('2d');
      if (!context || width === 0) return;
      if (canvas.width !== Math.round(width * ratio())) {
        canvas.width = Math.round(width * ratio());
        canvas.height = Math.round(this.height * ratio());
      }
      if (scheme !== this.#scheme() || colours === null) {
        scheme = this.#scheme();
        const style = getComputedStyle(canvas);
        colours = Object.fromEntries(
          colourNames.map((name) => [name, style.getPropertyValue(`--canvas-${name}`)]),
        ) as Colours;
      }
      context.setTransform(ratio(), 0, 0, ratio(), 0, 0);
      if (!this.view.isPaused()) this.#log.revision();
      const to = this.#end();
      draw(
        context,
        this.#log.marksOf(this.view.threadId()),
        { from: to - this.view.span(), to, width },
        colours,
      );
    });
  }

  /** The event under the pointer, or the last one before it in its lane. */
  look({ offsetX, offsetY }: PointerEvent): void {
    const lane = laneNames[Math.floor(offsetY / laneHeight)];
    const scale = this.view.span() / Math.max(1, this.#width() - labelWidth);
    const at = this.#end() - this.view.span() + (offsetX - labelWidth) * scale;
    const near = 6 * scale;
    const found =
      lane &&
      this.#log
        .marksOf(this.view.threadId())
        ?.within(lane, at - near, at + near)
        .at(-1);
    if (found) this.view.cursor.set(found.first);
  }

  /** All events of the thread. */
  fit(): void {
    const marks = this.#log.marksOf(this.view.threadId());
    if (marks) this.view.fit(marks.from, marks.to, this.#server.now());
  }

  wheel(event: WheelEvent): void {
    event.preventDefault();
    if (event.ctrlKey) this.view.zoom(event.deltaY > 0 ? 1.25 : 0.8);
    else this.view.pan((event.deltaX || event.deltaY) / 1_000, this.#server.now());
  }
}
