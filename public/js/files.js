/**
 * Answers a dropped file and a pasted picture, which nothing here takes, instead of letting the browser leave the page
 * for the file or ignore the picture.
 * @param {Document | ShadowRoot} area
 * @param {() => void} refuse says that files cannot be sent
 */
export function refuseFiles(area, refuse) {
  for (const type of ['dragover', 'drop']) {
    area.addEventListener(type, (event) => {
      if (!/** @type {DragEvent} */ (event).dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      if (type === 'drop') refuse();
    });
  }
  area.addEventListener('paste', (event) => {
    const data = /** @type {ClipboardEvent} */ (event).clipboardData;
    // What office programs copy is a picture as well as text, which is pasted as ever.
    if (!data?.files.length || data.types.includes('text/plain')) return;
    event.preventDefault();
    refuse();
  });
}
