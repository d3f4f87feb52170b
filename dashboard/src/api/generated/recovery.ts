// Made by `npm run generate` out of openapi/; never edited by hand.

export interface paths {
    "/api/v1/recovery/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** R1 */
        get: operations["r1_api_v1_recovery_status_get"];
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
        /** BackupsSummary */
        BackupsSummary: {
            /** Count */
            count: number;
            /** Last Verified */
            last_verified: string | null;
            /** Latest */
            latest: string | null;
            /** Total Size Bytes */
            total_size_bytes: number;
        };
        /** DatabaseStatus */
        DatabaseStatus: {
            /** Connected */
            connected: boolean;
            /** Reason */
            reason?: string | null;
            /** Size */
            size?: string | null;
            /** Size Bytes */
            size_bytes?: number | null;
            /** Table Count */
            table_count?: number | null;
        };
        /**
         * RecoveryStatus
         * @description Without a credential only `services` is filled, with names and states alone.
         */
        RecoveryStatus: {
            backups?: components["schemas"]["BackupsSummary"] | null;
            database?: components["schemas"]["DatabaseStatus"] | null;
            services: components["schemas"]["ServicesSummary"];
        };
        /** ServiceDetail */
        ServiceDetail: {
            /** Health */
            health?: string | null;
            /** Manager */
            manager?: string | null;
            /** Pid */
            pid?: number | null;
            /** Restarts */
            restarts?: number | null;
            /** Service */
            service: string;
            /** Status */
            status: string;
            /** Uptime S */
            uptime_s?: number | null;
        };
        /** ServicesSummary */
        ServicesSummary: {
            /** Details */
            details: components["schemas"]["ServiceDetail"][];
            /** Down */
            down: number;
            /** Total */
            total: number;
            /** Up */
            up: number;
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
    r1_api_v1_recovery_status_get: {
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
                    "application/json": components["schemas"]["RecoveryStatus"];
                };
            };
        };
    };
}
