// The database as an outsider sees it: what is in it, how far the run in it goes, and how to spoil it. It follows the
// description of the format, not the page's code.

/** All that is stored, as { store: { key: value } }; bytes as hex. `null`: there is no such database. */
export const contents = (page) =>
  page.evaluate(async () => {
    const answer = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    if (!(await indexedDB.databases()).some(({ name }) => name === "kafkascope")) return null;
    const db = await answer(indexedDB.open("kafkascope"));
    const names = [...db.objectStoreNames];
    const hex = (value) => (value instanceof Uint8Array ? value.toHex() : value);
    const stores = names.length > 0 ? db.transaction(names) : null;
    const all = names.map(async (name) => {
      const store = stores.objectStore(name);
      const [keys, values] = await Promise.all([answer(store.getAllKeys()), answer(store.getAll())]);
      return [name, Object.fromEntries(keys.map((key, index) => [key, hex(values[index])]))];
    });
    const found = Object.fromEntries(await Promise.all(all));
    db.close();
    return found;
  });

/** What belongs to the session; the mark of who writes is left out. */
export async function session(page) {
  const { root, ...others } = await contents(page);
  return { root: root.root, ...others };
}

/** Puts in the place of a stored value another one, the same with a bit flipped or a byte set, or nothing. */
export const spoil = (page, store, key, how) =>
  page.evaluate(
    async ([name, key, how]) => {
      const answer = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
      const db = await answer(indexedDB.open("kafkascope"));
      const tx = db.transaction(name, "readwrite");
      const end = new Promise((resolve) => (tx.oncomplete = resolve));
      const store = tx.objectStore(name);
      const bytes = await answer(store.get(key));
      if (how.set) bytes[how.set[0]] = how.set[1];
      if (how.flip !== undefined) bytes[how.flip < 0 ? bytes.length + how.flip : how.flip] ^= 1;
      if (how.remove) store.delete(key);
      else store.put("value" in how ? how.value : bytes, key);
      await end;
      db.close();
    },
    [store, key, how],
  );

/** How many inputs the stored run has: the root is a header of four bytes, then numbers of seven bits a byte. */
export async function storedPosition(page) {
  const root = (await contents(page))?.root?.root;
  if (typeof root !== "string") return undefined;
  const bytes = Buffer.from(root, "hex");
  let at = 4;
  const number = () => {
    for (let value = 0n, shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(value);
    }
  };
  number(); // session
  number(); // generation
  const specLength = number();
  at += specLength;
  return number();
}

/** Waits until everything that the page shows is stored. */
export async function allIsStored(page) {
  while ((await storedPosition(page)) !== Number(await page.getByTestId("position").textContent())) {
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
}
