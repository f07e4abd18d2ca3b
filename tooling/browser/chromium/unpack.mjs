import chromium from '@sparticuz/chromium'

// The package unpacks into the temporary directory, which `install.ts` sets to a folder of its own.
// Plain JavaScript, because this runs below `node_modules`, where Node does not strip types.
await chromium.executablePath()
