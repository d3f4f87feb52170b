/** Names for the generated types that the app speaks of; nothing is declared by hand here. */
import type { components as Events } from './generated/events'
import type { components as Orchestrator } from './generated/orchestrator'
import type { components as Recovery } from './generated/recovery'

type Schemas = Orchestrator['schemas']

export type Session = Schemas['SessionInfo']
export type SessionRequest = Schemas['SessionRequest']
export type ChatSession = Schemas['ChatSession']
export type ChatSessionDetail = Schemas['ChatSessionDetail']
export type ChatMessage = Schemas['ChatMessage']
export type PipelineTask = Schemas['PipelineTask']
export type PipelineTaskDetail = Schemas['PipelineTaskDetail']
export type PipelineSubmit = Schemas['PipelineSubmitRequest']
export type Pending = Schemas['Pending']
export type TaskStatus = Schemas['TaskStatus']
export type Stage = Schemas['Stage']
export type Finding = Schemas['Finding']
export type CodeReview = Schemas['CodeReview']
export type Artifact = Schemas['Artifact']
export type Pod = Schemas['Pod']
export type Schedule = Schemas['Schedule']
export type ScheduleRun = Schemas['ScheduleRun']
export type CreateSchedule = Schemas['CreateScheduleRequest']
export type Webhook = Schemas['Webhook']
export type CreatedWebhook = Schemas['CreatedWebhook']
export type CreateWebhook = Schemas['CreateWebhookRequest']
export type WebhookDelivery = Schemas['WebhookDelivery']
export type ReviewRequest = Schemas['ReviewRequest']
export type ServiceDetail = Recovery['schemas']['ServiceDetail']
export type RecoveryStatus = Recovery['schemas']['RecoveryStatus']
export type StreamEvent = Events['schemas']['StreamEvent']
export type TypedEvent = Extract<StreamEvent, { type: string }>
