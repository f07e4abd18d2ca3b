export * from './deadline.ts'
export {
  type Absence,
  createRoom,
  type Goodbye,
  type Identity,
  isEmpty,
  type Newcomer,
  type Recovery,
  type ResumeClaims,
  type Returning,
  type Room,
  type RoomEffect,
  type RoomInput,
  type RoomMember,
  type RoomOptions,
  type RoomPolicy,
  type Self,
  type Step,
} from './room.ts'
export { type Route, route } from './route.ts'
export { step } from './step.ts'
export { resendWelcome } from './step-context.ts'
