import { defineConfig } from "vite";

// built into the Python package, so that nobody who uses the studio needs Node
export default defineConfig({
  base: "./",
  build: {
    outDir: "../src/insula/serve/studio",
    emptyOutDir: true,
    target: "es2022",
    rolldownOptions: { output: { entryFileNames: "studio.js", assetFileNames: "studio[extname]", chunkFileNames: "[name].js" } },
  },
  server: { proxy: { "/v1": { target: "http://127.0.0.1:8321", ws: true } } },
});
