import chromium from '@sparticuz/chromium'

// The package unpacks into the temporary directory, which `ensure.ts` points at a folder of our own.
// Plain JavaScript, because Node strips no types below `node_modules`, where this runs.
await chromium.executablePath()
