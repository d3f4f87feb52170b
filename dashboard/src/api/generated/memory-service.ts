// Made by `npm run generate` out of openapi/; never edited by hand.

export interface paths {
    "/api/v1/memories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Store Memory */
        post: operations["store_memory_api_v1_memories_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/memories/{agent_id}/context": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Assemble Context */
        post: operations["assemble_context_api_v1_memories__agent_id__context_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/memories/{memory_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read Memory */
        get: operations["read_memory_api_v1_memories__memory_id__get"];
        put?: never;
        post?: never;
        /** Delete Memory */
        delete: operations["delete_memory_api_v1_memories__memory_id__delete"];
        options?: never;
        head?: never;
        /** Change Memory */
        patch: operations["change_memory_api_v1_memories__memory_id__patch"];
        trace?: never;
    };
    "/api/v1/memories/browse": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Browse Memories */
        get: operations["browse_memories_api_v1_memories_browse_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/memories/bulk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Store Memories */
        post: operations["store_memories_api_v1_memories_bulk_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/memories/facts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** State Fact */
        post: operations["state_fact_api_v1_memories_facts_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/memories/reembed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Move Memories */
        post: operations["move_memories_api_v1_memories_reembed_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/memories/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Search Memories */
        post: operations["search_memories_api_v1_memories_search_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/memories/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read Stats */
        get: operations["read_stats_api_v1_memories_stats_get"];
        put?: never;
        post?: never;
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
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** BrowseResponse */
        BrowseResponse: {
            /** Items */
            items: components["schemas"]["MemoryItem"][];
            /** Limit */
            limit: number;
            /** Offset */
            offset: number;
            /** Total */
            total: number;
        };
        /**
         * BulkRequest
         * @description Each item is a StoreRequest; one that is not fails alone, and so is not checked here.
         */
        BulkRequest: {
            /** Memories */
            memories: unknown[];
        };
        /**
         * BulkResponse
         * @description `failed` lists the indices of what could not be stored.
         */
        BulkResponse: {
            /** Failed */
            failed: number[];
            /** Stored */
            stored: string[];
        };
        /** ContextRequest */
        ContextRequest: {
            /**
             * Max Tokens
             * @default 4096
             */
            max_tokens?: number;
            /** Query */
            query: string;
        };
        /**
         * ContextResponse
         * @description Never more than the budget; tokens are estimated.
         */
        ContextResponse: {
            /**
             * Agent Id
             * Format: uuid
             */
            agent_id: string;
            /**
             * Assembled At
             * Format: date-time
             */
            assembled_at: string;
            /** Memories */
            memories: components["schemas"]["SearchResult"][];
            /** Total Tokens Estimated */
            total_tokens_estimated: number;
        };
        /** FactRequest */
        FactRequest: {
            /** Agent Id */
            agent_id?: string | null;
            /**
             * Base Confidence
             * @default 1
             */
            base_confidence?: number;
            /** Category */
            category: string;
            /** Content */
            content: string;
            /** Key */
            key: string;
            /**
             * Metadata
             * @default {}
             */
            metadata?: {
                [key: string]: unknown;
            };
            /** Project Id */
            project_id: string;
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
        /** MemoryItem */
        MemoryItem: {
            /** Agent Id */
            agent_id: string | null;
            /** Base Confidence */
            base_confidence?: number | null;
            /** Category */
            category?: string | null;
            /** Content */
            content: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Effective Confidence */
            effective_confidence?: number | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Key */
            key?: string | null;
            /** Last Accessed At */
            last_accessed_at?: string | null;
            /** Metadata */
            metadata: {
                [key: string]: unknown;
            };
            /** Project Id */
            project_id?: string | null;
            tier: components["schemas"]["Tier"];
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
        };
        /** MemoryPatch */
        MemoryPatch: {
            /** Content */
            content?: string | null;
            /** Metadata */
            metadata?: {
                [key: string]: unknown;
            } | null;
        };
        /** MemoryStats */
        MemoryStats: {
            /** By Tier */
            by_tier: {
                [key: string]: number;
            };
            /** Embedding Models */
            embedding_models: {
                [key: string]: number;
            };
            /** Pending Embeddings */
            pending_embeddings: number;
            reembedding?: components["schemas"]["Reembedding"] | null;
            /** Total */
            total: number;
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
         * Reembedding
         * @description A move to another embedding model: `remaining` of `total` still have the old one's vector, by
         *     which they are found meanwhile; `refused` of them the new one did not take.
         */
        Reembedding: {
            /** Finished At */
            finished_at: string | null;
            /** Model */
            model: string;
            /** Refused */
            refused: number;
            /** Remaining */
            remaining: number;
            /**
             * Started At
             * Format: date-time
             */
            started_at: string;
            /** Total */
            total: number;
        };
        /** SearchRequest */
        SearchRequest: {
            /** Agent Id */
            agent_id?: string | null;
            /**
             * Explain
             * @default false
             */
            explain?: boolean;
            /**
             * Keyword Weight
             * @default 0.3
             */
            keyword_weight?: number;
            /**
             * Limit
             * @default 10
             */
            limit?: number;
            /** Metadata Filter */
            metadata_filter?: {
                [key: string]: unknown;
            } | null;
            /** Min Score */
            min_score?: number | null;
            /** Query */
            query: string;
            /** Since */
            since?: string | null;
            /** Tiers */
            tiers?: components["schemas"]["Tier"][] | null;
            /** Until */
            until?: string | null;
            /**
             * Vector Weight
             * @default 0.7
             */
            vector_weight?: number;
        };
        /**
         * SearchResponse
         * @description `degraded` says why a result is less than it could be (say, no embedding).
         */
        SearchResponse: {
            /** Degraded */
            degraded?: string | null;
            /** Query */
            query: string;
            /** Results */
            results: components["schemas"]["SearchResult"][];
            /** Total Found */
            total_found: number;
        };
        /**
         * SearchResult
         * @description `explanation` holds the parts of the score when asked for.
         */
        SearchResult: {
            /** Content */
            content: string;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Explanation */
            explanation?: {
                [key: string]: number;
            } | null;
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Metadata */
            metadata: {
                [key: string]: unknown;
            };
            /** Score */
            score: number;
            tier: components["schemas"]["Tier"];
        };
        /** StoredFact */
        StoredFact: {
            /** Category */
            category: string;
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
            /** Is New */
            is_new: boolean;
            /** Key */
            key: string;
            /** Project Id */
            project_id: string;
            /**
             * Updated At
             * Format: date-time
             */
            updated_at: string;
            /** Version */
            version: number;
        };
        /** StoredMemory */
        StoredMemory: {
            /** Agent Id */
            agent_id: string | null;
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
            tier: components["schemas"]["Tier"];
        };
        /**
         * StoreRequest
         * @description speaker, session_id and occurred_at may also stand in metadata.
         */
        StoreRequest: {
            /** Agent Id */
            agent_id?: string | null;
            /** Content */
            content: string;
            /**
             * Metadata
             * @default {}
             */
            metadata?: {
                [key: string]: unknown;
            };
            /** Occurred At */
            occurred_at?: string | null;
            /** Session Id */
            session_id?: string | null;
            /** Speaker */
            speaker?: string | null;
            /** @default episodic */
            tier?: components["schemas"]["Tier"];
            /** Ttl Seconds */
            ttl_seconds?: number | null;
        };
        /**
         * Tier
         * @enum {string}
         */
        Tier: "working" | "episodic" | "semantic" | "procedural";
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
    store_memory_api_v1_memories_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StoreRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoredMemory"];
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
    assemble_context_api_v1_memories__agent_id__context_post: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ContextRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ContextResponse"];
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
    read_memory_api_v1_memories__memory_id__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                memory_id: string;
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
                    "application/json": components["schemas"]["MemoryItem"];
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
    delete_memory_api_v1_memories__memory_id__delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                memory_id: string;
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
    change_memory_api_v1_memories__memory_id__patch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                memory_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemoryPatch"];
            };
        };
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
    browse_memories_api_v1_memories_browse_get: {
        parameters: {
            query?: {
                agent_id?: string | null;
                limit?: number;
                offset?: number;
                q?: string | null;
                tier?: components["schemas"]["Tier"] | null;
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
                    "application/json": components["schemas"]["BrowseResponse"];
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
    store_memories_api_v1_memories_bulk_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BulkRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkResponse"];
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
    state_fact_api_v1_memories_facts_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FactRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoredFact"];
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
    move_memories_api_v1_memories_reembed_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reembedding"];
                };
            };
        };
    };
    search_memories_api_v1_memories_search_post: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SearchRequest"];
            };
        };
        responses: {
            /** @description Successful Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SearchResponse"];
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
    read_stats_api_v1_memories_stats_get: {
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
                    "application/json": components["schemas"]["MemoryStats"];
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
}
