// Made by `npm run generate` out of openapi/; never edited by hand.

export interface paths {
    "/api/v1/chat/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** C2 */
        get: operations["c2_api_v1_chat_sessions_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/chat/sessions/{session_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** C3 */
        get: operations["c3_api_v1_chat_sessions__session_id__get"];
        put?: never;
        post?: never;
        /** C4 */
        delete: operations["c4_api_v1_chat_sessions__session_id__delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/chat/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** C1 */
        post: operations["c1_api_v1_chat_stream_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/identity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A4 */
        get: operations["a4_api_v1_identity_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/queue-stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** P13 */
        get: operations["p13_api_v1_pipeline_queue_stats_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** P2 */
        get: operations["p2_api_v1_pipeline_tasks_get"];
        put?: never;
        /** P1 */
        post: operations["p1_api_v1_pipeline_tasks_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/tasks/{task_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** P3 */
        get: operations["p3_api_v1_pipeline_tasks__task_id__get"];
        put?: never;
        post?: never;
        /** P12 */
        delete: operations["p12_api_v1_pipeline_tasks__task_id__delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/tasks/{task_id}/artifacts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** P10 */
        get: operations["p10_api_v1_pipeline_tasks__task_id__artifacts_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/tasks/{task_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** P5 */
        post: operations["p5_api_v1_pipeline_tasks__task_id__cancel_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/tasks/{task_id}/clarify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** P7 */
        post: operations["p7_api_v1_pipeline_tasks__task_id__clarify_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/tasks/{task_id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** P4 */
        get: operations["p4_api_v1_pipeline_tasks__task_id__events_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/tasks/{task_id}/findings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** P8 */
        get: operations["p8_api_v1_pipeline_tasks__task_id__findings_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/tasks/{task_id}/review": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** P6 */
        post: operations["p6_api_v1_pipeline_tasks__task_id__review_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/tasks/{task_id}/reviews": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** P9 */
        get: operations["p9_api_v1_pipeline_tasks__task_id__reviews_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pipeline/tasks/{task_id}/stages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** P11 */
        get: operations["p11_api_v1_pipeline_tasks__task_id__stages_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pods": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** P14 */
        get: operations["p14_api_v1_pods_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A2 */
        get: operations["a2_api_v1_session_get"];
        put?: never;
        /** A */
        post: operations["a_api_v1_session_post"];
        /** A3 */
        delete: operations["a3_api_v1_session_delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** T1 */
        post: operations["t1_api_v1_tasks__task_id__cancel_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{task_id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** T2 */
        get: operations["t2_api_v1_tasks__task_id__events_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** Artifact */
        Artifact: {
            /** Content */
            content: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Kind */
            kind: string;
            /** Name */
            name: string;
            /** Sha256 */
            sha256: string;
            /** Stage */
            stage: string;
        };
        /** CancelAnswer */
        CancelAnswer: {
            /** Status */
            status: string;
            /**
             * Task Id
             * Format: uuid
             */
            task_id: string;
        };
        /**
         * ChatMessage
         * @description A stored message; `last_event_id` is where its turn's events end.
         */
        ChatMessage: {
            /** Content */
            content: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Last Event Id */
            last_event_id?: number | null;
            /**
             * Role
             * @enum {string}
             */
            role: "user" | "assistant";
            /** Task Id */
            task_id?: string | null;
            /**
             * Tool Calls
             * @default []
             */
            tool_calls?: {
                [key: string]: unknown;
            }[];
        };
        /** ChatRequest */
        ChatRequest: {
            /** Messages */
            messages: components["schemas"]["Message"][];
            /**
             * Metadata
             * @default {}
             */
            metadata?: {
                [key: string]: unknown;
            };
            /** Model */
            model?: string | null;
            /** Session Id */
            session_id?: string | null;
        };
        /** ChatSession */
        ChatSession: {
            /**
             * Agent Id
             * Format: uuid
             */
            agent_id: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Last Active
             * Format: date-time
             */
            last_active: string;
            /**
             * Message Count
             * @default 0
             */
            message_count?: number;
            /** Title */
            title: string;
        };
        /**
         * ChatSessionDetail
         * @description A session with its messages, oldest first, and the turn that runs now, if any.
         */
        ChatSessionDetail: {
            /**
             * Agent Id
             * Format: uuid
             */
            agent_id: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Last Active
             * Format: date-time
             */
            last_active: string;
            /**
             * Last Event Id
             * @default 0
             */
            last_event_id?: number;
            /**
             * Message Count
             * @default 0
             */
            message_count?: number;
            /** Messages */
            messages: components["schemas"]["ChatMessage"][];
            /** Running Task Id */
            running_task_id?: string | null;
            /** Title */
            title: string;
        };
        /** ClarifyRequest */
        ClarifyRequest: {
            /** Answers */
            answers: string[];
        };
        /** CodeReview */
        CodeReview: {
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Issues */
            issues: unknown[];
            /** Round */
            round: number;
            /** Summary */
            summary: string;
            /** Verdict */
            verdict: string;
        };
        /** Finding */
        Finding: {
            /** Category */
            category: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Evidence */
            evidence: string;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Scanner */
            scanner: string;
            /** Severity */
            severity: string;
            /** Stage */
            stage: string;
            /** Title */
            title: string;
        };
        /** HTTPValidationError */
        HTTPValidationError: {
            /** Detail */
            detail?: components["schemas"]["ValidationError"][];
        };
        /** Identity */
        Identity: {
            /** Greeting */
            greeting: string;
            /** Name */
            name: string;
        };
        /**
         * Message
         * @description One message of a conversation; content parts pass through as they came.
         */
        Message: {
            /** Content */
            content?: string | {
                [key: string]: unknown;
            }[] | null;
            /** Name */
            name?: string | null;
            /**
             * Role
             * @enum {string}
             */
            role: "system" | "user" | "assistant" | "tool";
            /** Tool Call Id */
            tool_call_id?: string | null;
            /**
             * Tool Calls
             * @default []
             */
            tool_calls?: components["schemas"]["ToolCall"][];
        };
        /**
         * Pending
         * @description For what a task waits, and what a person may answer.
         */
        Pending: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "decision" | "tool" | "budget" | "unknown_outcome" | "restored" | "clarification";
            /**
             * Options
             * @default []
             */
            options?: string[];
            /** Prompt */
            prompt: string;
        };
        /** PipelineSubmitRequest */
        PipelineSubmitRequest: {
            /** Goal Id */
            goal_id?: string | null;
            /** Idempotency Key */
            idempotency_key?: string | null;
            /**
             * Metadata
             * @default {}
             */
            metadata?: {
                [key: string]: unknown;
            };
            /** Pod Name */
            pod_name?: string | null;
            /** User Input */
            user_input: string;
        };
        /** PipelineSubmitted */
        PipelineSubmitted: {
            /** Pod Name */
            pod_name: string;
            /**
             * Queued At
             * Format: date-time
             */
            queued_at: string;
            /** Status */
            status: string;
            /**
             * Task Id
             * Format: uuid
             */
            task_id: string;
        };
        /** PipelineTask */
        PipelineTask: {
            /** Completed At */
            completed_at: string | null;
            /** Current Stage */
            current_stage: string | null;
            /** Error */
            error: string | null;
            /** Goal Id */
            goal_id?: string | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Max Retries */
            max_retries: number;
            /** Metadata */
            metadata: {
                [key: string]: unknown;
            };
            /** Output */
            output: string | null;
            pending?: components["schemas"]["Pending"] | null;
            /** Pod Id */
            pod_id: string | null;
            /** Pod Name */
            pod_name: string | null;
            /**
             * Queued At
             * Format: date-time
             */
            queued_at: string;
            /** Retry Count */
            retry_count: number;
            /** Started At */
            started_at: string | null;
            status: components["schemas"]["TaskStatus"];
            /** Total Cost Usd */
            total_cost_usd: number;
            /** Total Input Tokens */
            total_input_tokens: number;
            /** Total Output Tokens */
            total_output_tokens: number;
            /** User Input */
            user_input: string;
        };
        /** PipelineTaskDetail */
        PipelineTaskDetail: {
            /** Artifacts Count */
            artifacts_count: number;
            /** Completed At */
            completed_at: string | null;
            /** Current Stage */
            current_stage: string | null;
            /** Error */
            error: string | null;
            /** Findings Count */
            findings_count: number;
            /** Goal Id */
            goal_id?: string | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Max Retries */
            max_retries: number;
            /** Metadata */
            metadata: {
                [key: string]: unknown;
            };
            /** Output */
            output: string | null;
            pending?: components["schemas"]["Pending"] | null;
            /** Pod Id */
            pod_id: string | null;
            /** Pod Name */
            pod_name: string | null;
            /**
             * Queued At
             * Format: date-time
             */
            queued_at: string;
            /** Retry Count */
            retry_count: number;
            /** Reviews Count */
            reviews_count: number;
            /** Started At */
            started_at: string | null;
            status: components["schemas"]["TaskStatus"];
            /** Total Cost Usd */
            total_cost_usd: number;
            /** Total Input Tokens */
            total_input_tokens: number;
            /** Total Output Tokens */
            total_output_tokens: number;
            /** User Input */
            user_input: string;
        };
        /** Pod */
        Pod: {
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Default Model */
            default_model: string;
            /** Description */
            description: string;
            /** Enabled */
            enabled: boolean;
            /**
             * Escalation Threshold
             * @enum {string}
             */
            escalation_threshold: "low" | "medium" | "high" | "critical";
            /** Fallback Pod Id */
            fallback_pod_id: string | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Is System Default */
            is_system_default: boolean;
            /** Max Cost Usd */
            max_cost_usd: number | null;
            /** Max Execution Seconds */
            max_execution_seconds: number;
            /** Metadata */
            metadata: {
                [key: string]: unknown;
            };
            /** Name */
            name: string;
            /** Priority */
            priority: number;
            /**
             * Require Human Review
             * @enum {string}
             */
            require_human_review: "always" | "never" | "on_escalation";
            /** Routing Keywords */
            routing_keywords: string[];
            /** Routing Regex */
            routing_regex: string | null;
            /**
             * Sandbox
             * @enum {string}
             */
            sandbox: "isolated" | "nova" | "workspace" | "host";
        };
        /** QueueStats */
        QueueStats: {
            /** Dead Letter Depth */
            dead_letter_depth: number;
            /** Queue Depth */
            queue_depth: number;
            /** Running */
            running: number;
            /** Waiting */
            waiting: number;
        };
        /**
         * ReviewRequest
         * @description `decision` is checked by hand: anything but approve or reject is a 400.
         */
        ReviewRequest: {
            /** Budget Usd */
            budget_usd?: number | null;
            /** Comment */
            comment?: string | null;
            /** Decision */
            decision: string;
            /** Pending Id */
            pending_id?: string | null;
        };
        /** SessionInfo */
        SessionInfo: {
            /** Csrf Token */
            csrf_token: string;
            /**
             * Expires At
             * Format: date-time
             */
            expires_at: string;
            /** Subject */
            subject: string;
        };
        /** SessionRequest */
        SessionRequest: {
            /** Admin Secret */
            admin_secret?: string | null;
            /** Login Token */
            login_token?: string | null;
        };
        /** Stage */
        Stage: {
            /** Completed At */
            completed_at: string | null;
            /** Cost Usd */
            cost_usd: number;
            /** Error */
            error: string | null;
            /** Input Tokens */
            input_tokens: number;
            /** Model */
            model: string | null;
            /** Output */
            output: unknown | null;
            /** Output Tokens */
            output_tokens: number;
            /** Role */
            role: string;
            /** Round */
            round: number;
            /** Stage */
            stage: string;
            /** Started At */
            started_at: string | null;
            /** Status */
            status: string;
        };
        /**
         * TaskStatus
         * @description The one state machine of every task.
         * @enum {string}
         */
        TaskStatus: "submitted" | "queued" | "context_running" | "task_running" | "guardrail_running" | "review_running" | "pending_human_review" | "clarification_needed" | "completing" | "complete" | "failed" | "cancelled";
        /**
         * ToolCall
         * @description A model's wish to call a tool; `arguments` is the parsed JSON object.
         */
        ToolCall: {
            /**
             * Arguments
             * @default {}
             */
            arguments?: {
                [key: string]: unknown;
            };
            /** Id */
            id: string;
            /** Name */
            name: string;
        };
        /** ValidationError */
        ValidationError: {
            /** Context */
            ctx?: Record<string, never>;
            /** Input */
            input?: unknown;
            /** Location */
            loc: (string | number)[];
            /** Message */
            msg: string;
            /** Error Type */
            type: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    c2_api_v1_chat_sessions_get: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChatSession"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    c3_api_v1_chat_sessions__session_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChatSessionDetail"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    c4_api_v1_chat_sessions__session_id__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    c1_api_v1_chat_stream_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChatRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    a4_api_v1_identity_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Identity"];
                };
            };
        };
    };
    p13_api_v1_pipeline_queue_stats_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QueueStats"];
                };
            };
        };
    };
    p2_api_v1_pipeline_tasks_get: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                pod_id?: string | null;
                status?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PipelineTask"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    p1_api_v1_pipeline_tasks_post: {
        parameters: {
            query?: never;
            header?: {
                "idempotency-key"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PipelineSubmitRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PipelineSubmitted"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    p3_api_v1_pipeline_tasks__task_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PipelineTaskDetail"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    p12_api_v1_pipeline_tasks__task_id__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    p10_api_v1_pipeline_tasks__task_id__artifacts_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Artifact"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    p5_api_v1_pipeline_tasks__task_id__cancel_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CancelAnswer"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    p7_api_v1_pipeline_tasks__task_id__clarify_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClarifyRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PipelineTask"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    p4_api_v1_pipeline_tasks__task_id__events_get: {
        parameters: {
            query?: {
                after?: number | null;
            };
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    p8_api_v1_pipeline_tasks__task_id__findings_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Finding"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    p6_api_v1_pipeline_tasks__task_id__review_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReviewRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PipelineTask"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    p9_api_v1_pipeline_tasks__task_id__reviews_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CodeReview"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    p11_api_v1_pipeline_tasks__task_id__stages_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stage"][];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    p14_api_v1_pods_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pod"][];
                };
            };
        };
    };
    a2_api_v1_session_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionInfo"];
                };
            };
        };
    };
    a_api_v1_session_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SessionRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionInfo"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    a3_api_v1_session_delete: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    t1_api_v1_tasks__task_id__cancel_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CancelAnswer"];
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
    t2_api_v1_tasks__task_id__events_get: {
        parameters: {
            query?: {
                after?: number | null;
            };
            header?: never;
            path: {
                task_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": unknown;
                };
            };
            /** @description Validation Error */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HTTPValidationError"];
                };
            };
        };
    };
}
