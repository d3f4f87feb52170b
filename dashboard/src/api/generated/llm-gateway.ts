// Made by `npm run generate` out of openapi/; never edited by hand.

export interface paths {
    "/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Complete */
        post: operations["complete_complete_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/embed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Embed */
        post: operations["embed_embed_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Live */
        get: operations["live_health_live_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Providers */
        get: operations["providers_health_providers_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/providers/{slug}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Probe Provider */
        post: operations["probe_provider_health_providers__slug__test_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/providers/ollama/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ollama Status
         * @description Whether it is up, its version, and which models are in memory.
         */
        get: operations["ollama_status_health_providers_ollama_status_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Ready */
        get: operations["ready_health_ready_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/startup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Ready */
        get: operations["ready_health_startup_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Models
         * @description Those that the key may use.
         */
        get: operations["list_models_models_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stream */
        post: operations["stream_stream_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audio/speech": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Speech
         * @description Speaks a text.
         */
        post: operations["speech_v1_audio_speech_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audio/transcriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Transcriptions
         * @description Writes down what is said.
         */
        post: operations["transcriptions_v1_audio_transcriptions_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audio/translations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Translations
         * @description Writes down in English what is said.
         */
        post: operations["translations_v1_audio_translations_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/chat/completions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Chat Completions
         * @description OpenAI's chat completions; unknown fields go through to the provider.
         */
        post: operations["chat_completions_v1_chat_completions_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/embeddings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Embeddings */
        post: operations["embeddings_v1_embeddings_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Live */
        get: operations["live_v1_health_live_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/health/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Providers */
        get: operations["providers_v1_health_providers_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/health/providers/{slug}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Probe Provider */
        post: operations["probe_provider_v1_health_providers__slug__test_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/health/providers/ollama/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Ollama Status
         * @description Whether it is up, its version, and which models are in memory.
         */
        get: operations["ollama_status_v1_health_providers_ollama_status_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Ready */
        get: operations["ready_v1_health_ready_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/health/startup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Ready */
        get: operations["ready_v1_health_startup_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/images/edits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Edits
         * @description Draws by pictures and a text.
         */
        post: operations["edits_v1_images_edits_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/images/generations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Generations
         * @description Draws by a text.
         */
        post: operations["generations_v1_images_generations_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/images/variations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Variations
         * @description Draws a picture anew.
         */
        post: operations["variations_v1_images_variations_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create Message
         * @description Anthropic's Messages over any provider; docs/dialects.md says what is supported.
         */
        post: operations["create_message_v1_messages_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/count_tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Count Tokens
         * @description Anthropic's own count for its models, an estimate for others.
         */
        post: operations["count_tokens_v1_messages_count_tokens_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List Openai Models */
        get: operations["list_openai_models_v1_models_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{model_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get Openai Model */
        get: operations["get_openai_model_v1_models__model_id__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/details": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Details
         * @description Every model that can be used now, with where its price is known from.
         */
        get: operations["list_details_v1_models_details_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/discover": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Discover */
        get: operations["discover_v1_models_discover_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/ollama/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Delete */
        delete: operations["delete_v1_models_ollama__name__delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/ollama/pull": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pull
         * @description Server-sent events with the progress, then [DONE]; an error is the last event before it.
         */
        post: operations["pull_v1_models_ollama_pull_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/ollama/pulled": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Pulled */
        get: operations["pulled_v1_models_ollama_pulled_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/overrides/{model}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Set Override
         * @description Replace what was set for the model; prices in USD per million tokens.
         */
        put: operations["set_override_v1_models_overrides__model__put"];
        post?: never;
        /** Remove Override */
        delete: operations["remove_override_v1_models_overrides__model__delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Resolve
         * @description What `auto`, or another model, means now to the caller.
         */
        get: operations["resolve_v1_models_resolve_get"];
        put?: never;
        /**
         * Resolve For
         * @description The same for a request with that text, which intelligent routing may sort.
         */
        post: operations["resolve_for_v1_models_resolve_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Providers
         * @description Every provider with its state, address and keys; never a key itself.
         */
        get: operations["list_providers_v1_providers_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/providers/{slug}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get Provider */
        get: operations["get_provider_v1_providers__slug__get"];
        /**
         * Change Provider
         * @description Set what is given. A slug that nobody has yet, with a base_url, adds a server of your own.
         */
        put: operations["change_provider_v1_providers__slug__put"];
        post?: never;
        /**
         * Forget Provider
         * @description Remove a custom server with its keys, or what was set for a built-in provider.
         */
        delete: operations["forget_provider_v1_providers__slug__delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/providers/{slug}/credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Add Credential */
        post: operations["add_credential_v1_providers__slug__credentials_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/providers/{slug}/credentials/{credential_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Remove Credential */
        delete: operations["remove_credential_v1_providers__slug__credentials__credential_id__delete"];
        options?: never;
        head?: never;
        /** Change Credential */
        patch: operations["change_credential_v1_providers__slug__credentials__credential_id__patch"];
        trace?: never;
    };
    "/v1/providers/{slug}/credentials/{credential_id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check Credential
         * @description Ask the provider with this key; one that works is taken back into use.
         */
        post: operations["check_credential_v1_providers__slug__credentials__credential_id__test_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Requests
         * @description Newest first, without the bodies.
         */
        get: operations["list_requests_v1_requests_get"];
        put?: never;
        post?: never;
        /**
         * Delete Requests
         * @description Deletes what is older than `before`, or all.
         */
        delete: operations["delete_requests_v1_requests_delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/requests/{logged_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Request
         * @description One with its bodies, from which credentials were taken before they were stored.
         */
        get: operations["get_request_v1_requests__logged_id__get"];
        put?: never;
        post?: never;
        /** Delete Request */
        delete: operations["delete_request_v1_requests__logged_id__delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/rerank": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Rerank
         * @description Ranks documents by a query.
         */
        post: operations["rerank_v1_rerank_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/responses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create Response
         * @description OpenAI's Responses over any provider; docs/dialects.md says what is supported.
         */
        post: operations["create_response_v1_responses_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/responses/{response_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get Response */
        get: operations["get_response_v1_responses__response_id__get"];
        put?: never;
        post?: never;
        /** Delete Response */
        delete: operations["delete_response_v1_responses__response_id__delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/responses/{response_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel Response */
        post: operations["cancel_response_v1_responses__response_id__cancel_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/responses/{response_id}/input_items": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List Input Items
         * @description The items of that request's own input, without those of earlier responses.
         */
        get: operations["list_input_items_v1_responses__response_id__input_items_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/responses/input_tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Count Input Tokens
         * @description An estimate of how many tokens the request has.
         */
        post: operations["count_input_tokens_v1_responses_input_tokens_post"];
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
        /**
         * CompleteRequest
         * @description `metadata.budgets` (a list of BudgetScope) is believed only with a service token.
         */
        CompleteRequest: {
            /** Max Tokens */
            max_tokens?: number | null;
            /** Messages */
            messages: components["schemas"]["Message"][];
            /**
             * Metadata
             * @default {}
             */
            metadata?: {
                [key: string]: unknown;
            };
            /**
             * Model
             * @default auto
             */
            model?: string;
            /** Response Format */
            response_format?: {
                [key: string]: unknown;
            } | null;
            /** Temperature */
            temperature?: number | null;
            /**
             * Tools
             * @default []
             */
            tools?: components["schemas"]["ToolDefinition"][];
        };
        /**
         * CompleteResponse
         * @description `cost_usd` is None when the model's price is unknown, never 0 for that.
         */
        CompleteResponse: {
            /** Content */
            content: string;
            /** Cost Usd */
            cost_usd: number | null;
            /** Finish Reason */
            finish_reason: string;
            /** Input Tokens */
            input_tokens: number;
            /** Model */
            model: string;
            /** Output Tokens */
            output_tokens: number;
            /**
             * Tool Calls
             * @default []
             */
            tool_calls?: components["schemas"]["ToolCall"][];
        };
        /** CredentialChange */
        CredentialChange: {
            /** Enabled */
            enabled?: boolean | null;
            /** Name */
            name?: string | null;
        };
        /**
         * CredentialTest
         * @description What the provider says to a key now; `detail` is its reason when it is not `ok`.
         */
        CredentialTest: {
            /**
             * Detail
             * @default
             */
            detail?: string;
            /** Latency Ms */
            latency_ms: number;
            /**
             * Model Count
             * @default 0
             */
            model_count?: number;
            /** Ok */
            ok: boolean;
        };
        /** DeletedRequests */
        DeletedRequests: {
            /** Deleted */
            deleted: number;
        };
        /** DiscoveredModel */
        DiscoveredModel: {
            /** Id */
            id: string;
            /** Registered */
            registered: boolean;
        };
        /** DiscoveredProvider */
        DiscoveredProvider: {
            /**
             * Auth Methods
             * @default []
             */
            auth_methods?: string[];
            /** Available */
            available: boolean;
            /**
             * Models
             * @default []
             */
            models?: components["schemas"]["DiscoveredModel"][];
            /** Name */
            name: string;
            /** Reason */
            reason?: string | null;
            /** Slug */
            slug: string;
            /**
             * Type
             * @enum {string}
             */
            type: "local" | "subscription" | "free" | "paid";
        };
        /**
         * EmbedRequest
         * @description Without a model, requests keep to one; `fallback`: the next may answer while it is away, under
         *     its own name. `keep`: the vectors may be kept for the next request with the same text.
         */
        EmbedRequest: {
            /** Dimensions */
            dimensions?: number | null;
            /**
             * Fallback
             * @default true
             */
            fallback?: boolean;
            /**
             * Keep
             * @default true
             */
            keep?: boolean;
            /** Model */
            model?: string | null;
            /** Text */
            text?: string | null;
            /**
             * Texts
             * @default []
             */
            texts?: string[];
        };
        /**
         * EmbedResponse
         * @description `embeddings` has one vector per text, in order, each of `dimensions` numbers.
         *
         *     `semantic` is false where they compare words, not meanings. `cached` texts were known and cost
         *     nothing; `input_tokens` are those of the others.
         */
        EmbedResponse: {
            /**
             * Cached
             * @default 0
             */
            cached?: number;
            /**
             * Dimensions
             * @default 0
             */
            dimensions?: number;
            /** Embeddings */
            embeddings: number[][];
            /** Input Tokens */
            input_tokens: number;
            /** Model */
            model: string;
            /**
             * Semantic
             * @default true
             */
            semantic?: boolean;
        };
        /** HTTPValidationError */
        HTTPValidationError: {
            /** Detail */
            detail?: components["schemas"]["ValidationError"][];
        };
        /** Liveness */
        Liveness: {
            /**
             * Status
             * @default alive
             * @constant
             */
            status?: "alive";
        };
        /** LoadedModel */
        LoadedModel: {
            /** Expires At */
            expires_at?: string | null;
            /** Name */
            name: string;
            /** Size Bytes */
            size_bytes?: number | null;
            /** Vram Bytes */
            vram_bytes?: number | null;
        };
        /**
         * LoggedRequest
         * @description `status` is None if the client left before it was answered; `redacted` counts what was masked;
         *     `note` says why a body is not there.
         */
        LoggedRequest: {
            /** Answer Bytes */
            answer_bytes: number;
            /** Caller */
            caller: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Duration Ms */
            duration_ms: number;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Key Id */
            key_id: string | null;
            /** Model */
            model: string | null;
            /** Note */
            note: string;
            /** Path */
            path: string;
            /** Redacted */
            redacted: number;
            /** Request Bytes */
            request_bytes: number;
            /** Request Id */
            request_id: string;
            /** Status */
            status: number | null;
            /** Task Id */
            task_id: string | null;
        };
        /**
         * LoggedRequestDetail
         * @description `answer` of a stream is `{events, texts, …}`: its texts put together by their place.
         */
        LoggedRequestDetail: {
            /** Answer */
            answer: unknown;
            /** Answer Bytes */
            answer_bytes: number;
            /** Caller */
            caller: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Duration Ms */
            duration_ms: number;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Key Id */
            key_id: string | null;
            /** Model */
            model: string | null;
            /** Note */
            note: string;
            /** Path */
            path: string;
            /** Redacted */
            redacted: number;
            /** Request */
            request: unknown;
            /** Request Bytes */
            request_bytes: number;
            /** Request Id */
            request_id: string;
            /** Status */
            status: number | null;
            /** Task Id */
            task_id: string | null;
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
         * ModelDetails
         * @description A model with where each thing about it is known from; prices in USD per million tokens.
         *
         *     `price_as_of` is the day on which that source was right; None where nobody says.
         */
        ModelDetails: {
            /** Cached Input Usd */
            cached_input_usd?: number | null;
            /**
             * Capabilities
             * @default []
             */
            capabilities?: string[];
            /** Context Window */
            context_window?: number | null;
            /** Id */
            id: string;
            /** Input Usd */
            input_usd?: number | null;
            /** Max Output Tokens */
            max_output_tokens?: number | null;
            /** Output Usd */
            output_usd?: number | null;
            override?: components["schemas"]["ModelOverride-Output"] | null;
            /** Price As Of */
            price_as_of?: string | null;
            /**
             * Price Source
             * @enum {string}
             */
            price_source: "override" | "provider" | "table" | "litellm" | "free" | "unknown";
            /** Provider */
            provider: string;
        };
        /**
         * ModelInfo
         * @description Prices are USD per token; None means unknown.
         */
        ModelInfo: {
            /**
             * Capabilities
             * @default []
             */
            capabilities?: string[];
            /** Context Window */
            context_window?: number | null;
            /** Cost Per Input Token */
            cost_per_input_token?: number | null;
            /** Cost Per Output Token */
            cost_per_output_token?: number | null;
            /** Id */
            id: string;
            /** Max Output Tokens */
            max_output_tokens?: number | null;
            /** Provider */
            provider: string;
        };
        /**
         * ModelOverride
         * @description What is known better than the table; prices in USD per million tokens.
         *
         *     What is left out, or null, is taken from the provider or the table.
         */
        "ModelOverride-Input": {
            /** Cached Input */
            cached_input?: number | string | null;
            /** Context Window */
            context_window?: number | null;
            /** Input */
            input?: number | string | null;
            /** Max Output */
            max_output?: number | null;
            /** Output */
            output?: number | string | null;
            /** Vision */
            vision?: boolean | null;
        };
        /**
         * ModelOverride
         * @description What is known better than the table; prices in USD per million tokens.
         *
         *     What is left out, or null, is taken from the provider or the table.
         */
        "ModelOverride-Output": {
            /** Cached Input */
            cached_input?: string | null;
            /** Context Window */
            context_window?: number | null;
            /** Input */
            input?: string | null;
            /** Max Output */
            max_output?: number | null;
            /** Output */
            output?: string | null;
            /** Vision */
            vision?: boolean | null;
        };
        /**
         * NewCredential
         * @description Without a name it is called "key 1", "key 2" …
         */
        NewCredential: {
            /** Key */
            key: string;
            /** Name */
            name?: string | null;
        };
        /** OllamaModel */
        OllamaModel: {
            /** Family */
            family?: string | null;
            /** Modified At */
            modified_at?: string | null;
            /** Name */
            name: string;
            /** Parameter Size */
            parameter_size?: string | null;
            /** Quantization */
            quantization?: string | null;
            /** Size Bytes */
            size_bytes?: number | null;
        };
        /** OllamaPull */
        OllamaPull: {
            /** Name */
            name: string;
        };
        /**
         * OllamaStatus
         * @description `waking`: a wake-up packet was sent, and it is being waited for.
         */
        OllamaStatus: {
            /** Available */
            available: boolean;
            /** Base Url */
            base_url?: string | null;
            /**
             * Can Wake
             * @default false
             */
            can_wake?: boolean;
            /**
             * Detail
             * @default
             */
            detail?: string;
            /** Latency Ms */
            latency_ms?: number | null;
            /**
             * Loaded
             * @default []
             */
            loaded?: components["schemas"]["LoadedModel"][];
            /**
             * Slug
             * @default ollama
             * @constant
             */
            slug?: "ollama";
            /**
             * Status
             * @enum {string}
             */
            status: "ok" | "unavailable" | "not_configured" | "disabled";
            /** Version */
            version?: string | null;
            /**
             * Waking
             * @default false
             */
            waking?: boolean;
        };
        /**
         * PassedOverModel
         * @description A model or a provider that might have been taken, and why it was not.
         */
        PassedOverModel: {
            /** Name */
            name: string;
            /** Reason */
            reason: string;
        };
        /**
         * ProviderChange
         * @description What is left out stays; null takes the stored value away. `base_url` makes a custom server.
         */
        ProviderChange: {
            /** Base Url */
            base_url?: string | null;
            /** Default Model */
            default_model?: string | null;
            /** Enabled */
            enabled?: boolean | null;
            /** Headers */
            headers?: {
                [key: string]: string;
            } | null;
            /** Is Local */
            is_local?: boolean | null;
            /** Title */
            title?: string | null;
        };
        /**
         * ProviderCredential
         * @description A key, never the key itself.
         */
        ProviderCredential: {
            /** Enabled */
            enabled: boolean;
            /** Id */
            id: string;
            /** Last Four */
            last_four: string;
            /** Name */
            name: string;
            /** Origin */
            origin: string;
            /**
             * Reason
             * @default
             */
            reason?: string;
            /**
             * Source
             * @enum {string}
             */
            source: "environment" | "stored" | "file";
            /**
             * State
             * @enum {string}
             */
            state: "ok" | "limited" | "refused" | "disabled" | "unreadable" | "elsewhere";
            /** Until */
            until?: string | null;
        };
        /**
         * ProviderHealth
         * @description `breaker`: open while it is left alone because it failed again and again, and for how long.
         *
         *     `requests_today` of a provider with a daily quota (UTC), as many as `daily_requests`.
         */
        ProviderHealth: {
            /** Available */
            available: boolean;
            /**
             * Breaker
             * @default closed
             * @enum {string}
             */
            breaker?: "closed" | "half_open" | "open";
            /**
             * Breaker Reason
             * @default
             */
            breaker_reason?: string;
            /** Breaker Seconds */
            breaker_seconds?: number | null;
            /** Daily Requests */
            daily_requests?: number | null;
            /**
             * Detail
             * @default
             */
            detail?: string;
            /** Latency Ms */
            latency_ms?: number | null;
            /** Requests Today */
            requests_today?: number | null;
            /** Slug */
            slug: string;
            /**
             * Status
             * @enum {string}
             */
            status: "ok" | "unavailable" | "not_configured";
        };
        /**
         * ProviderInfo
         * @description A provider as it is now. `header_names`: custom headers, whose values are not shown.
         */
        ProviderInfo: {
            /**
             * Auth Methods
             * @default []
             */
            auth_methods?: string[];
            /** Base Url */
            base_url: string;
            /**
             * Base Url Source
             * @enum {string}
             */
            base_url_source: "default" | "environment" | "stored";
            /**
             * Credentials
             * @default []
             */
            credentials?: components["schemas"]["ProviderCredential"][];
            /** Default Model */
            default_model?: string | null;
            /** Enabled */
            enabled: boolean;
            /**
             * Header Names
             * @default []
             */
            header_names?: string[];
            /** Is Custom */
            is_custom: boolean;
            /** Is Local */
            is_local: boolean;
            /** Key Variable */
            key_variable?: string | null;
            /**
             * Kind
             * @enum {string}
             */
            kind: "local" | "subscription" | "free" | "paid";
            /** Latency Ms */
            latency_ms?: number | null;
            /**
             * Model Count
             * @default 0
             */
            model_count?: number;
            /** Prefix */
            prefix: string;
            /**
             * Reason
             * @default
             */
            reason?: string;
            /** Slug */
            slug: string;
            /**
             * Status
             * @enum {string}
             */
            status: "ok" | "unavailable" | "not_configured" | "disabled";
            /** Title */
            title: string;
        };
        /**
         * PullProgress
         * @description One line of a pull; `percent` where sizes are known.
         */
        PullProgress: {
            /** Completed */
            completed?: number | null;
            /** Digest */
            digest?: string | null;
            /** Percent */
            percent?: number | null;
            /** Status */
            status: string;
            /** Total */
            total?: number | null;
        };
        /**
         * Readiness
         * @description `checks` maps a dependency to "ok" or to the reason why it is not.
         */
        Readiness: {
            /**
             * Checks
             * @default {}
             */
            checks?: {
                [key: string]: string;
            };
            /**
             * Status
             * @enum {string}
             */
            status: "starting" | "ready" | "degraded";
        };
        /**
         * ResolvedModel
         * @description What `auto` (or the model that was asked about) means now.
         *
         *     `fallbacks` are tried in order when it fails. `category` stands where intelligent routing was
         *     given a text to sort.
         */
        ResolvedModel: {
            /** Category */
            category?: string | null;
            /** Context Window */
            context_window?: number | null;
            /**
             * Fallbacks
             * @default []
             */
            fallbacks?: string[];
            /** Max Output Tokens */
            max_output_tokens?: number | null;
            /** Model */
            model: string;
            /**
             * Passed Over
             * @default []
             */
            passed_over?: components["schemas"]["PassedOverModel"][];
            /** Provider */
            provider: string;
            /** Reason */
            reason: string;
            /**
             * Strategy
             * @default
             */
            strategy?: string;
        };
        /**
         * ResolveRequest
         * @description Which model answers, where intelligent routing may look at the text.
         */
        ResolveRequest: {
            /**
             * Model
             * @default auto
             */
            model?: string;
            /** Text */
            text: string;
        };
        /**
         * StreamChunk
         * @description One piece of an answer; the last one carries finish_reason and usage.
         */
        StreamChunk: {
            /** Cost Usd */
            cost_usd?: number | null;
            /**
             * Delta
             * @default
             */
            delta?: string;
            /** Finish Reason */
            finish_reason?: string | null;
            /** Input Tokens */
            input_tokens?: number | null;
            /** Model */
            model?: string | null;
            /** Output Tokens */
            output_tokens?: number | null;
            /**
             * Tool Calls
             * @default []
             */
            tool_calls?: components["schemas"]["ToolCall"][];
        };
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
        /**
         * ToolDefinition
         * @description A tool offered to the model, in OpenAI's form.
         */
        ToolDefinition: {
            function: components["schemas"]["ToolFunction"];
            /**
             * Type
             * @default function
             * @constant
             */
            type?: "function";
        };
        /** ToolFunction */
        ToolFunction: {
            /**
             * Description
             * @default
             */
            description?: string;
            /** Name */
            name: string;
            /**
             * Parameters
             * @default {}
             */
            parameters?: {
                [key: string]: unknown;
            };
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
    complete_complete_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CompleteRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CompleteResponse"];
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
    embed_embed_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EmbedRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EmbedResponse"];
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
    live_health_live_get: {
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
                    "application/json": components["schemas"]["Liveness"];
                };
            };
        };
    };
    providers_health_providers_get: {
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
                    "application/json": components["schemas"]["ProviderHealth"][];
                };
            };
        };
    };
    probe_provider_health_providers__slug__test_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                slug: string;
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
                    "application/json": components["schemas"]["ProviderHealth"];
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
    ollama_status_health_providers_ollama_status_get: {
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
                    "application/json": components["schemas"]["OllamaStatus"];
                };
            };
        };
    };
    ready_health_ready_get: {
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
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
        };
    };
    ready_health_startup_get: {
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
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
        };
    };
    list_models_models_get: {
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
                    "application/json": components["schemas"]["ModelInfo"][];
                };
            };
        };
    };
    stream_stream_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CompleteRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StreamChunk"];
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
    speech_v1_audio_speech_post: {
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
                content?: never;
            };
        };
    };
    transcriptions_v1_audio_transcriptions_post: {
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
                content?: never;
            };
        };
    };
    translations_v1_audio_translations_post: {
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
                content?: never;
            };
        };
    };
    chat_completions_v1_chat_completions_post: {
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
                content?: never;
            };
        };
    };
    embeddings_v1_embeddings_post: {
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
                content?: never;
            };
        };
    };
    live_v1_health_live_get: {
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
                    "application/json": components["schemas"]["Liveness"];
                };
            };
        };
    };
    providers_v1_health_providers_get: {
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
                    "application/json": components["schemas"]["ProviderHealth"][];
                };
            };
        };
    };
    probe_provider_v1_health_providers__slug__test_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                slug: string;
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
                    "application/json": components["schemas"]["ProviderHealth"];
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
    ollama_status_v1_health_providers_ollama_status_get: {
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
                    "application/json": components["schemas"]["OllamaStatus"];
                };
            };
        };
    };
    ready_v1_health_ready_get: {
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
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
        };
    };
    ready_v1_health_startup_get: {
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
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
        };
    };
    edits_v1_images_edits_post: {
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
                content?: never;
            };
        };
    };
    generations_v1_images_generations_post: {
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
                content?: never;
            };
        };
    };
    variations_v1_images_variations_post: {
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
                content?: never;
            };
        };
    };
    create_message_v1_messages_post: {
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
                content?: never;
            };
        };
    };
    count_tokens_v1_messages_count_tokens_post: {
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
                    "application/json": {
                        [key: string]: number;
                    };
                };
            };
        };
    };
    list_openai_models_v1_models_get: {
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
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
        };
    };
    get_openai_model_v1_models__model_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                model_id: string;
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
                    "application/json": {
                        [key: string]: unknown;
                    };
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
    list_details_v1_models_details_get: {
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
                    "application/json": components["schemas"]["ModelDetails"][];
                };
            };
        };
    };
    discover_v1_models_discover_get: {
        parameters: {
            query?: {
                refresh?: boolean;
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
                    "application/json": components["schemas"]["DiscoveredProvider"][];
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
    delete_v1_models_ollama__name__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
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
    pull_v1_models_ollama_pull_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OllamaPull"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PullProgress"];
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
    pulled_v1_models_ollama_pulled_get: {
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
                    "application/json": components["schemas"]["OllamaModel"][];
                };
            };
        };
    };
    set_override_v1_models_overrides__model__put: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                model: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ModelOverride-Input"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelOverride-Output"];
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
    remove_override_v1_models_overrides__model__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                model: string;
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
    resolve_v1_models_resolve_get: {
        parameters: {
            query?: {
                model?: string;
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
                    "application/json": components["schemas"]["ResolvedModel"];
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
    resolve_for_v1_models_resolve_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ResolveRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResolvedModel"];
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
    list_providers_v1_providers_get: {
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
                    "application/json": components["schemas"]["ProviderInfo"][];
                };
            };
        };
    };
    get_provider_v1_providers__slug__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                slug: string;
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
                    "application/json": components["schemas"]["ProviderInfo"];
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
    change_provider_v1_providers__slug__put: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProviderChange"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderInfo"];
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
    forget_provider_v1_providers__slug__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                slug: string;
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
    add_credential_v1_providers__slug__credentials_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewCredential"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderCredential"];
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
    remove_credential_v1_providers__slug__credentials__credential_id__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                credential_id: string;
                slug: string;
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
    change_credential_v1_providers__slug__credentials__credential_id__patch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                credential_id: string;
                slug: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CredentialChange"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProviderCredential"];
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
    check_credential_v1_providers__slug__credentials__credential_id__test_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                credential_id: string;
                slug: string;
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
                    "application/json": components["schemas"]["CredentialTest"];
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
    list_requests_v1_requests_get: {
        parameters: {
            query?: {
                key_id?: string | null;
                limit?: number;
                model?: string | null;
                offset?: number;
                request_id?: string | null;
                status?: number | null;
                task_id?: string | null;
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
                    "application/json": components["schemas"]["LoggedRequest"][];
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
    delete_requests_v1_requests_delete: {
        parameters: {
            query?: {
                before?: string | null;
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
                    "application/json": components["schemas"]["DeletedRequests"];
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
    get_request_v1_requests__logged_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                logged_id: string;
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
                    "application/json": components["schemas"]["LoggedRequestDetail"];
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
    delete_request_v1_requests__logged_id__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                logged_id: string;
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
    rerank_v1_rerank_post: {
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
                content?: never;
            };
        };
    };
    create_response_v1_responses_post: {
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
                content?: never;
            };
        };
    };
    get_response_v1_responses__response_id__get: {
        parameters: {
            query?: {
                stream?: boolean;
            };
            header?: never;
            path: {
                response_id: string;
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
    delete_response_v1_responses__response_id__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                response_id: string;
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
                    "application/json": {
                        [key: string]: unknown;
                    };
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
    cancel_response_v1_responses__response_id__cancel_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                response_id: string;
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
    list_input_items_v1_responses__response_id__input_items_get: {
        parameters: {
            query?: {
                after?: string | null;
                limit?: number;
                order?: "asc" | "desc";
            };
            header?: never;
            path: {
                response_id: string;
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
    count_input_tokens_v1_responses_input_tokens_post: {
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
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
        };
    };
}
