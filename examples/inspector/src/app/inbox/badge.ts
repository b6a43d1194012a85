/** The side of the icon, in pixels. */
const size = 32;

/** Draws how many wait into the icon of the page. */
export function showBadge(document: Document, count: number): void {
  const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size;
  const context = canvas.getContext('2d');
  if (!icon || !context) return;
  context.fillStyle = count > 0 ? '#b4232f' : '#5b6472';
  context.beginPath();
  context.arc(size / 2, size / 2, size / 2, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = '#ffffff';
  context.font = 'bold 22px system-ui, sans-serif';
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  if (count > 0) context.fillText(count > 9 ? '9+' : String(count), size / 2, size / 2 + 1);
  icon.href = canvas.toDataURL();
}
