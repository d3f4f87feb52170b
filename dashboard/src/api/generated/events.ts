// Made by `npm run generate` out of openapi/; never edited by hand.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** ArtifactEvent */
        ArtifactEvent: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Kind */
            kind: string;
            /** Name */
            name: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "artifact";
        };
        /**
         * DeltaEvent
         * @description Text; the one event without a type, so that the simplest client works.
         */
        DeltaEvent: {
            /** Delta */
            delta: string;
        };
        /** ErrorEvent */
        ErrorEvent: {
            /** Code */
            code: string;
            /** Detail */
            detail: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "error";
        };
        /** FindingEvent */
        FindingEvent: {
            /** Category */
            category: string;
            /** Severity */
            severity: string;
            /** Title */
            title: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "finding";
        };
        /** MetaEvent */
        MetaEvent: {
            /**
             * Category
             * @default null
             */
            category?: string | null;
            /** Model */
            model: string;
            /** Session Id */
            session_id: string | null;
            /**
             * Task Id
             * Format: uuid
             */
            task_id: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "meta";
        };
        /**
         * RewindEvent
         * @description Text after `to` is void: its model call is made again.
         */
        RewindEvent: {
            /** To */
            to: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "rewind";
        };
        /** StageEvent */
        StageEvent: {
            /**
             * Detail
             * @default null
             */
            detail?: string | null;
            /**
             * Round
             * @default 1
             */
            round?: number;
            /** Stage */
            stage: string;
            /**
             * Status
             * @enum {string}
             */
            status: "started" | "completed" | "failed" | "skipped";
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "stage";
        };
        /**
         * StatusEvent
         * @description The task's state changed; `pending` says for what it waits.
         */
        StatusEvent: {
            /**
             * Current Stage
             * @default null
             */
            current_stage?: string | null;
            /**
             * Pending
             * @default null
             */
            pending?: {
                [key: string]: unknown;
            } | null;
            /** Status */
            status: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "status";
        };
        StreamEvent: components["schemas"]["DeltaEvent"] | (components["schemas"]["MetaEvent"] | components["schemas"]["ToolCallEvent"] | components["schemas"]["ToolResultEvent"] | components["schemas"]["RewindEvent"] | components["schemas"]["UsageEventMessage"] | components["schemas"]["ErrorEvent"] | components["schemas"]["StatusEvent"] | components["schemas"]["StageEvent"] | components["schemas"]["FindingEvent"] | components["schemas"]["VerdictEvent"] | components["schemas"]["ArtifactEvent"]);
        /** ToolCallEvent */
        ToolCallEvent: {
            /** Arguments */
            arguments: {
                [key: string]: unknown;
            };
            /** Id */
            id: string;
            /** Name */
            name: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "tool_call";
        };
        /** ToolResultEvent */
        ToolResultEvent: {
            /** Id */
            id: string;
            /** Name */
            name: string;
            /** Ok */
            ok: boolean;
            /** Summary */
            summary: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "tool_result";
        };
        /**
         * UsageEventMessage
         * @description `cost_usd` is None when a price was unknown.
         */
        UsageEventMessage: {
            /** Cost Usd */
            cost_usd: number | null;
            /** Input Tokens */
            input_tokens: number;
            /** Output Tokens */
            output_tokens: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "usage";
        };
        /** VerdictEvent */
        VerdictEvent: {
            /** Stage */
            stage: string;
            /** Summary */
            summary: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "verdict";
            /** Verdict */
            verdict: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
