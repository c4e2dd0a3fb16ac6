import { assert, assertEquals } from "@std/assert";
import { pageScript } from "../../../src/report/page/bundle.ts";

Deno.test({
  name: "pageScript() is one module, needs to read files only, and says nothing of this machine",
  permissions: { read: true },
  async fn() {
    const script = await pageScript(), folder = new URL("../../../", import.meta.url);
    assert(script.includes("// src:report/page/script/main.ts\n"));
    assertEquals(script.match(/^\s*(import|export)\b.*/gm), null);
    for (const text of [folder.href, folder.pathname, "file://"]) assert(!script.includes(text), text);
  },
});
