// The run as it lies in the page: base64 of gzip of JSON.

function bytesOf(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes;
}

export async function readPayload(element) {
  if (!globalThis.DecompressionStream) {
    throw new Error("this browser is too old to open the run: it has no DecompressionStream");
  }
  const packed = bytesOf(element.textContent.trim());
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  let payload;
  try {
    payload = JSON.parse(await new Response(stream).text());
  } catch (error) {
    throw new Error("the run in this file is damaged", { cause: error });
  }
  if (payload.format !== 1) {
    throw new Error(`the run in this file has format ${payload.format}; this page knows 1`);
  }
  return payload;
}
