export { check } from './check.ts'
export { diagnose } from './diagnose.ts'
export type * from './report.ts'
export { type Level, type SentenceCode, sentences, type Words } from './sentences.ts'
